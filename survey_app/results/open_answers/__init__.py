"""What people wrote in their own words: apart from their answers, without what would name somebody."""
