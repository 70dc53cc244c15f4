@main struct NnPredict { static func main() {} }
