import CKernels

// Numbers between their stored forms and memory. Buffers of bytes are aligned for their type.

/// Numbers of a floating-point type as Floats; float64 is rounded, all else exact.
public func widen(
  _ bytes: UnsafeRawBufferPointer, _ type: NumberType,
  into target: UnsafeMutableBufferPointer<Float>
) {
  switch type {
  case .float16:
    let bits = unsafe bytes.assumingMemoryBound(to: UInt16.self)
    for i in 0..<target.count { unsafe target[i] = HalfPrecision.number(bits[i]) }
  case .bfloat16:
    let bits = unsafe bytes.assumingMemoryBound(to: UInt16.self)
    for i in 0..<target.count { unsafe target[i] = BrainFloat.number(bits[i]) }
  case .float64:
    let values = unsafe bytes.assumingMemoryBound(to: Double.self)
    for i in 0..<target.count { unsafe target[i] = Float(values[i]) }
  default:
    let values = unsafe bytes.assumingMemoryBound(to: Float.self)
    for i in 0..<target.count { unsafe target[i] = values[i] }
  }
}

/// Numbers of any type as Doubles. Exact, but for integers beyond 2⁵³; NaN for opaque types.
public func widen(
  _ bytes: UnsafeRawBufferPointer, _ type: NumberType,
  into target: UnsafeMutableBufferPointer<Double>
) {
  switch type {
  case .float16:
    unsafe convert(bytes, UInt16.self, into: target) { Double(HalfPrecision.number($0)) }
  case .bfloat16:
    unsafe convert(bytes, UInt16.self, into: target) { Double(BrainFloat.number($0)) }
  case .float32: unsafe convert(bytes, Float.self, into: target) { Double($0) }
  case .float64: unsafe convert(bytes, Double.self, into: target) { $0 }
  case .bool, .uint8: unsafe convert(bytes, UInt8.self, into: target) { Double($0) }
  case .int8: unsafe convert(bytes, Int8.self, into: target) { Double($0) }
  case .uint16: unsafe convert(bytes, UInt16.self, into: target) { Double($0) }
  case .int16: unsafe convert(bytes, Int16.self, into: target) { Double($0) }
  case .uint32: unsafe convert(bytes, UInt32.self, into: target) { Double($0) }
  case .int32: unsafe convert(bytes, Int32.self, into: target) { Double($0) }
  case .uint64: unsafe convert(bytes, UInt64.self, into: target) { Double($0) }
  case .int64: unsafe convert(bytes, Int64.self, into: target) { Double($0) }
  case .float8e4m3, .float8e5m2, .float8e8m0, .complex64: unsafe target.update(repeating: .nan)
  }
}

@inline(__always) private func convert<Stored>(
  _ bytes: UnsafeRawBufferPointer, _: Stored.Type, into target: UnsafeMutableBufferPointer<Double>,
  _ number: (Stored) -> Double
) {
  let values = unsafe bytes.assumingMemoryBound(to: Stored.self)
  for i in 0..<target.count { unsafe target[i] = number(values[i]) }
}

/// Doubles in a stored form: each rounded once, to nearest, ties to even.
///
/// - Returns: the first value that is an infinity or NaN in that form; nil where there is none.
public func narrow(
  _ source: UnsafeBufferPointer<Double>, _ type: NumberType,
  into bytes: UnsafeMutableRawBufferPointer
) -> Int? {
  var isFinite = true
  switch type {
  case .float16:
    let bits = unsafe bytes.assumingMemoryBound(to: UInt16.self)
    for i in 0..<source.count {
      let value = unsafe HalfPrecision.bits(of: source[i])
      unsafe bits[i] = value
      isFinite = isFinite && value & 0x7c00 != 0x7c00
    }
    return unsafe isFinite ? nil : bits.firstIndex { $0 & 0x7c00 == 0x7c00 }
  case .bfloat16:
    let bits = unsafe bytes.assumingMemoryBound(to: UInt16.self)
    guard let first = bits.baseAddress, let numbers = source.baseAddress else { return nil }
    isFinite = unsafe ck_narrow_bfloat16(first, numbers, source.count) != 0
    return unsafe isFinite ? nil : bits.firstIndex { $0 & 0x7f80 == 0x7f80 }
  case .float32:
    let values = unsafe bytes.assumingMemoryBound(to: Float.self)
    for i in 0..<source.count {
      let value = unsafe Float(source[i])
      unsafe values[i] = value
      isFinite = isFinite && value.isFinite
    }
    return unsafe isFinite ? nil : values.firstIndex { !$0.isFinite }
  default:
    let values = unsafe bytes.assumingMemoryBound(to: Double.self)
    for i in 0..<source.count {
      unsafe values[i] = source[i]
      isFinite = unsafe isFinite && source[i].isFinite
    }
    return unsafe isFinite ? nil : values.firstIndex { !$0.isFinite }
  }
}
