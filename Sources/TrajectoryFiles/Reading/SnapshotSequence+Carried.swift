import Files

extension SnapshotSequence {
  /// What is no weight and only copied: that of the last file, but for what has the name of a weight or
  /// statistic in another.
  public var carried: [CarriedTensor] {
    let slots = layout.slots + (readers[0].bufferLayout?.slots ?? [])
    let names = Set(slots.map(\.name.nameBytes))
    return readers[readers.count - 1].carried.filter { !names.contains($0.name.nameBytes) }
  }

  /// What to tell the user where a tensor of several integers is copied from the last file, but differs
  /// between files: quantised weights are no average of anything then. Nil where there is none.
  ///
  /// - Throws: what reading throws.
  public func differenceOfCarried() throws -> String? {
    guard let last = readers.last, readers.count > 1 else { return nil }
    for tensor in last.carried where tensor.count > 1 {
      for reader in readers.dropLast() {
        guard let twin = reader.carried.first(where: { $0.name.isSameName(as: tensor.name) }),
          try !tensor.isSame(as: twin)
        else { continue }
        return
          "\(tensor.problem("is not of floating point and differs from that of \(reader.name): it is copied as it is here"))"
      }
    }
    return nil
  }
}
