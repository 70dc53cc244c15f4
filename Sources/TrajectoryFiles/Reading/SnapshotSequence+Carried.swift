import Files

extension SnapshotSequence {
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
          "\(tensor.problem("is not of floating point and differs from that of \(reader.name): it is copied, not averaged"))"
      }
    }
    return nil
  }
}
