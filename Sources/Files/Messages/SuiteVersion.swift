/// The version of the suite, as histories and `--version` give it.
public let suiteVersion = "0.1.0"
