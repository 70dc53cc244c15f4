@main struct CalibEval { static func main() {} }
