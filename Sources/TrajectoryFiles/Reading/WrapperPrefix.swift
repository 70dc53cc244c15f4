import WeightSpace

/// What PyTorch puts before all names of a network that is wrapped: by DataParallel and averaged models
/// `module.`, by `torch.compile` `_orig_mod.`, by Lightning and others `model.`.
enum WrapperPrefix {
  private static let parts = ["module.", "_orig_mod.", "model."]

  /// Those that all names begin with, one after the other; empty where there is none.
  static func common(_ names: [String]) -> String {
    var prefix = ""
    while let part = parts.first(where: { part in names.allSatisfy { $0.hasPrefix(prefix + part) } }
    ),
      !names.isEmpty
    {
      prefix += part
    }
    return prefix
  }
}

extension TrajectoryReader {
  /// Gives the tensors the names that they have in another layout, where all names of one of them, but
  /// not of the other, begin as those of a wrapped network do.
  ///
  /// - Returns: whether names changed.
  /// - Throws: what `rename` throws.
  @discardableResult
  public func matchWrapper(of other: VectorLayout) throws -> Bool {
    let own = WrapperPrefix.common((layout.slots + (bufferLayout?.slots ?? [])).map(\.name))
    let wanted = WrapperPrefix.common(other.slots.map(\.name))
    if own == wanted { return false }
    try rename { name in
      // A counter beside the network, such as n_averaged, has no prefix.
      name.hasPrefix(own) ? wanted + name.dropFirst(own.count) : name
    }
    return true
  }
}
