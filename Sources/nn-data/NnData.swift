@main struct NnData { static func main() {} }
