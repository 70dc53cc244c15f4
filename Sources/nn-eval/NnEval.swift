@main struct NnEval { static func main() {} }
