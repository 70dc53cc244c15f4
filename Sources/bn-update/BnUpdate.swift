@main struct BnUpdate { static func main() {} }
