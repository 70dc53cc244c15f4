import Machine

/// The linear algebra library asks for its buffer again and again where it does not fit, for ever; so
/// whoever is going to use it asks here before.
///
/// - Parameters:
///   - order: of the matrix.
///   - vectors: how many eigenvectors are wanted, or rows of an inverse.
/// - Throws: `MemoryShortage`.
public func requireLinearAlgebraMemory(order: Int, vectors: Int) throws(MemoryShortage) {
  var need = MemoryNeed("decomposing a matrix of order \(order)")
  need.add(0x1p27 + 0x1p20, "OpenBLAS's buffer")
  need.add(SymmetricMatrix.eigenBytes(order: order, count: vectors), "the matrix and its vectors")
  try need.check()
}
