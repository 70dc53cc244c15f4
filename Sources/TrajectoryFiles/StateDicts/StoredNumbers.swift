import HDF5

// Numbers between their stored forms and memory. Buffers of bytes are aligned for their type.

/// Numbers of a floating-point type as Floats; float64 is rounded, all else exact.
func widen(
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

/// Numbers of a floating-point type as Doubles. Exact.
func widen(
  _ bytes: UnsafeRawBufferPointer, _ type: NumberType,
  into target: UnsafeMutableBufferPointer<Double>
) {
  switch type {
  case .float16:
    let bits = unsafe bytes.assumingMemoryBound(to: UInt16.self)
    for i in 0..<target.count { unsafe target[i] = Double(HalfPrecision.number(bits[i])) }
  case .bfloat16:
    let bits = unsafe bytes.assumingMemoryBound(to: UInt16.self)
    for i in 0..<target.count { unsafe target[i] = Double(BrainFloat.number(bits[i])) }
  case .float32:
    let values = unsafe bytes.assumingMemoryBound(to: Float.self)
    for i in 0..<target.count { unsafe target[i] = Double(values[i]) }
  default:
    let values = unsafe bytes.assumingMemoryBound(to: Double.self)
    for i in 0..<target.count { unsafe target[i] = values[i] }
  }
}

/// Doubles in a stored form: each rounded once, to nearest, ties to even.
///
/// - Returns: the first value that is an infinity or NaN in that form; nil where there is none.
func narrow(
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
    for i in 0..<source.count {
      let value = unsafe BrainFloat.bits(of: source[i])
      unsafe bits[i] = value
      isFinite = isFinite && value & 0x7f80 != 0x7f80
    }
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
