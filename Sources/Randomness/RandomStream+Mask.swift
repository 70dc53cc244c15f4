import CKernels

extension RandomStream {
  /// Element i becomes 0 where word `first` + i of the stream is below `threshold`, and `kept`
  /// otherwise; as many words at a time as the processor takes.
  ///
  /// - Precondition: `first` is a multiple of 4.
  public static func writeMask(
    seed: UInt64, stream: StreamNumber, from first: Int, threshold: UInt32, kept: Float,
    into mask: inout MutableSpan<Float>
  ) {
    precondition(first >= 0 && first % 4 == 0, "words come in fours")
    let count = mask.count
    unsafe mask.withUnsafeMutableBufferPointer {
      guard let address = $0.baseAddress else { return }
      unsafe ck_dropout_mask(
        seed, stream.value, UInt64(first / 4), count, threshold, kept, address)
    }
  }
}
