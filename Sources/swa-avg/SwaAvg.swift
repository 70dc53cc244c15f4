@main struct SwaAvg { static func main() {} }
