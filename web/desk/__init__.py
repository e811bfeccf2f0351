"""What a person does at the desk, for the command line and the workbench alike."""
