"""After the close: mixing, responses, validity, recognition rates, release."""
