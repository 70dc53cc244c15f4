@main struct NnTrain { static func main() {} }
