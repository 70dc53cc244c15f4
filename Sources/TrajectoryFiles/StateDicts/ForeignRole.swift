import Files

/// What a tensor of floating point of a file from elsewhere is for, as far as its name says.
enum ForeignRole {
  case weight
  /// A running statistic of BatchNorm.
  case statistic
  /// A count of batches.
  case counter
  /// Of an optimiser, which Keras keeps beside the weights.
  case optimizer

  /// The roles of all tensors of a file.
  ///
  /// Keras 3 numbers the variables of a layer, `bn/vars/0` to `3`; the last two of a layer that is
  /// called `batch_normalization` are its statistics. Of another layer with three variables or more that
  /// are vectors of one length nobody can say.
  ///
  /// - Parameter isStrict: whether such a layer is an error.
  /// - Throws: `FileError` of kind `wrongData` that names it.
  static func roles(
    of tensors: [(name: String, shape: [Int])], file: String, isStrict: Bool
  ) throws -> [ForeignRole] {
    var roles = tensors.map { named($0.name) }
    // A file of nothing else is what was asked for.
    if !roles.contains(where: { $0 != .optimizer }) {
      return [ForeignRole](repeating: .weight, count: roles.count)
    }
    var layers: [String: [(number: Int, place: Int)]] = [:]
    for (place, tensor) in tensors.enumerated() where roles[place] == .weight {
      let parts = components(of: tensor.name)
      guard parts.count >= 2, parts[parts.count - 2] == "vars", tensor.shape.count == 1,
        let number = Int(parts[parts.count - 1])
      else { continue }
      layers[parts.dropLast(2).joined(separator: "."), default: []].append((number, place))
    }
    for (layer, members) in layers.sorted(by: { $0.key < $1.key }) {
      let variables = members.sorted { $0.number < $1.number }.map(\.place)
      guard variables.count >= 2, let first = variables.first,
        variables.allSatisfy({ tensors[$0].shape == tensors[first].shape })
      else { continue }
      if components(of: layer).last?.contains("batch_normalization") == true {
        for place in variables.suffix(2) { roles[place] = .statistic }
      } else if variables.count >= 3, isStrict {
        throw FileError(
          .wrongData, file: file, object: tensors[variables[variables.count - 1]].name,
          "may be a running statistic: Keras does not say; name those with --statistics, as in"
            + " --statistics '\(shown(layer)).vars.[\(variables.count - 2)\(variables.count - 1)]'")
      }
    }
    return roles
  }

  /// Whether a name says that what it names is of an optimiser, also a count.
  static func isOfOptimizer(_ name: String) -> Bool { named(name) == .optimizer }

  private static func components(of name: String) -> [Substring] {
    name.split { $0 == "." || $0 == "/" }
  }

  private static func named(_ name: String) -> ForeignRole {
    let parts = components(of: name)
    if name.hasSuffix("num_batches_tracked") { return .counter }
    // TensorFlow counts the outputs of what makes a variable.
    let last = parts.last.map { $0.hasSuffix(":0") ? $0.dropLast(2) : $0 } ?? ""
    let isStatistic = ["running_mean", "running_var", "moving_mean", "moving_variance"].contains {
      last.hasSuffix($0)
    }
    if isStatistic || parts.contains("batch_stats") { return .statistic }
    let first = parts.first?.lowercased() ?? ""
    return parts.count > 1 && (first.hasPrefix("optimizer") || first == "opt_state")
      ? .optimizer : .weight
  }

  /// What to tell the user of tensors of optimisers; nothing where there are none.
  static func remark(_ roles: [ForeignRole], file: String) {
    let count = roles.count { $0 == .optimizer }
    guard count > 0 else { return }
    Remarks.add(
      "\(shown(file)): leaves out \(count) tensor\(count == 1 ? "" : "s") of its optimiser")
  }
}
