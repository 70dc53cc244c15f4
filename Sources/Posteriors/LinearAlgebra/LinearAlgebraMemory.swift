import Machine

/// The linear algebra library asks for its buffer again and again where it does not fit, for ever; so
/// whoever is going to use it asks here before.
///
/// - Parameter order: of the matrix.
/// - Throws: `MemoryShortage`.
public func requireLinearAlgebraMemory(order: Int) throws(MemoryShortage) {
  var need = MemoryNeed("decomposing a matrix of order \(order)")
  need.add(0x1p27 + 0x1p20, "OpenBLAS's buffer")
  need.add(5 * 8 * Double(order) * Double(order), "the matrix and its vectors")
  try need.check()
}
