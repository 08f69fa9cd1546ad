"""What messengers and meetings export, and what people paste of them → who said what, and when."""
