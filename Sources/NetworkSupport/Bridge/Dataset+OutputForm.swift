import Datasets
import Files
import Prediction

extension Dataset {
  /// Checks that targets and the outputs of a program suit each other.
  ///
  /// - Parameters:
  ///   - command: the program, for messages.
  ///   - anyClasses: whether classes may lie outside those that the network knows.
  /// - Throws: `FileError` that names the file.
  public func check(fits form: OutputForm, of command: String, anyClasses: Bool = false) throws {
    guard isLabelled else { return }
    func problem(_ words: String) -> FileError {
      FileError(.wrongData, file: name, object: "targets", words)
    }
    let outputs = "the outputs of \(shown(command, atMost: 80))"
    switch targets {
    case .classes(let classes):
      guard !form.isRegression else {
        throw problem("are classes, but \(outputs) are \(form.meaning.rawValue)")
      }
      if !anyClasses, let row = classes.firstIndex(where: { $0 < 0 || Int($0) >= form.width }) {
        throw problem(
          "class \(classes[row]) in row \(row), but \(outputs) are of \(form.width) classes")
      }
    case .values(_, let width):
      guard form.isRegression else {
        throw problem("are real numbers, but \(outputs) are \(form.meaning.rawValue)")
      }
      guard width == form.width else {
        throw problem("\(width) per example, but \(outputs) are of \(form.width)")
      }
    }
  }

  /// What cannot be measured of predictions of this data set; nil where all can.
  ///
  /// - Parameter width: the classes that are predicted.
  public func remark(predicting width: Int, isRegression: Bool) -> String? {
    if isRegression { return nil }
    guard isLabelled, case .classes(let classes) = targets else {
      return "\(name) has no targets: accuracy and likelihood of these predictions are unknown"
    }
    let unknown = classes.count { $0 < 0 || Int($0) >= width }
    return unknown == 0
      ? nil
      : "\(name): \(unknown) of \(classes.count) examples are of no class of the network's"
        + " \(width); calib-eval takes these predictions for --ood alone"
  }

  /// Examples of which nothing is known but their number.
  static func unknown(count: Int, name: String) -> Dataset {
    var dataset = Dataset(
      name: name, inputShape: [0], inputs: .floats([]),
      targets: .classes(Array(repeating: 0, count: count)))
    dataset.isLabelled = false
    return dataset
  }
}
