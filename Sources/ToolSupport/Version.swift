import Files
import HDF5
import TrajectoryFiles

/// The text of `--version`: the suite's version and those of the libraries in use.
///
///     static let configuration = CommandConfiguration(
///       commandName: "swa-avg", version: versionText(of: "swa-avg"))
///
/// - Parameter libraries: besides HDF5, such as "oneDNN 2.6.3".
public func versionText(of tool: String, libraries: [String] = []) -> String {
  (["\(tool) (weightspace) \(suiteVersion)", "HDF5 \(HDF5Library.version)"] + libraries)
    .joined(separator: "\n")
}
