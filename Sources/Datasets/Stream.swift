import Randomness

/// The random streams of this module.
struct Stream {
  let number: StreamNumber

  static func permutation(epoch: Int) -> Stream { Stream(.permutation, epoch) }
  static func augmentation(epoch: Int) -> Stream { Stream(.augmentation, epoch) }
  static func synthetic(example: Int) -> Stream { Stream(.syntheticExample, example) }
  static func pixelNoise(example: Int) -> Stream { Stream(.pixelNoise, example) }

  private init(_ purpose: RandomPurpose, _ index: Int) { number = purpose.stream(index) }

  func start(seed: UInt64) -> RandomStream { RandomStream(seed: seed, stream: number) }

  func words(seed: UInt64, counter: Int) -> (UInt32, UInt32, UInt32, UInt32) {
    RandomStream.philox(seed: seed, stream: number, counter: UInt64(counter))
  }
}
