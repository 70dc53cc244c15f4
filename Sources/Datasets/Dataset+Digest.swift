extension Dataset {
  /// A number that differs for data that differ: FNV-1a over at most a million elements spread over
  /// the inputs, all targets, and the constants.
  public var digest: String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01b3 }
    let stride = max(1, inputs.count >> 20)
    switch inputs {
    case .bytes(let bytes):
      for i in Swift.stride(from: 0, to: bytes.count, by: stride) { mix(UInt64(bytes[i])) }
    case .floats(let values):
      for i in Swift.stride(from: 0, to: values.count, by: stride) {
        mix(UInt64(values[i].bitPattern))
      }
    }
    switch targets {
    case .classes(let classes): for c in classes { mix(UInt64(bitPattern: Int64(c))) }
    case .values(let values, _): for v in values { mix(UInt64(v.bitPattern)) }
    }
    for v in inputMean + inputStd + targetMean + targetStd { mix(UInt64(v.bitPattern)) }
    return String(hash, radix: 16)
  }
}
