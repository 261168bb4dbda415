"""The ledger (工作台账): gaps that became tasks, with departments, money by year, deadlines and proof."""
