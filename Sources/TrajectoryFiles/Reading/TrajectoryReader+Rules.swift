import Files
import WeightSpace

extension TrajectoryReader {
  /// Takes, sorts and renames tensors as rules say.
  ///
  /// - Throws: `FileError` of kind `wrongData` for a pattern that matches nothing, where no weights are
  ///   left, and where two tensors would get one name.
  func apply(_ rules: TensorRules) throws {
    if rules.isEmpty { return }
    let names = (layout.slots + (bufferLayout?.slots ?? [])).map(\.name)
    try rules.check(names + carried.map(\.name), of: name)
    let weights = try source.part(file: name) { rules.takes($0) && !rules.isStatistic($0) }
    guard let weights else {
      throw FileError(.wrongData, file: name, "the patterns leave no weights of it")
    }
    var statistics = try buffers?.part(file: name, rules.takes)
    if let more = try source.part(file: name, { rules.takes($0) && rules.isStatistic($0) }) {
      if case .affine = more {
        throw FileError(
          .wrongData, file: name,
          "--statistics is not for snapshots that are points of a subspace")
      }
      statistics = try statistics?.joined(with: more, file: name) ?? more
    }
    try replace(
      weights, statistics: statistics, carried: carried.filter { rules.takes($0.name) })
    guard !rules.renames.isEmpty else { return }
    do {
      try rename(try TensorRules.Renaming.function(of: rules.renames))
    } catch let error as FileError {
      throw error
    } catch {
      throw FileError(.wrongData, file: name, "--rename: no regular expression")
    }
  }
}
