"""An uploaded workbook turned into plain cells, with limits on everything.

This package stands alone (standard library and calamine only, relative imports only), so that the
child process can be started without the application.
"""
