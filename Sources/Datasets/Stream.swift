import Randomness

/// The random streams of this module. The upper 16 bits of the stream number say what the
/// variates are for, so no two uses share a variate whatever the seed.
struct Stream {
  let number: UInt64

  static func permutation(epoch: Int) -> Stream { Stream(0x5045, epoch) }
  static func augmentation(epoch: Int) -> Stream { Stream(0x4155, epoch) }
  static func synthetic(example: Int) -> Stream { Stream(0x5359, example) }
  static func pixelNoise(example: Int) -> Stream { Stream(0x4e4f, example) }

  private init(_ purpose: UInt64, _ index: Int) {
    number = purpose << 48 | UInt64(index)
  }

  func start(seed: UInt64) -> RandomStream { RandomStream(seed: seed, stream: number) }

  func words(seed: UInt64, counter: Int) -> (UInt32, UInt32, UInt32, UInt32) {
    RandomStream.philox(seed: seed, stream: number, counter: UInt64(counter))
  }
}
