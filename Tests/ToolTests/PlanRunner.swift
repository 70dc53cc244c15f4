import Foundation
import Testing

extension Workplace {
  /// Whether peaks of memory can be measured.
  static let measuresMemory = Workplace().run("/usr/bin/time -f %M true").status == 0

  /// Asks a command what it would take, checks that this changed nothing, lets it do it, and compares.
  ///
  /// The peak of memory may differ by a fifth and two megabytes, the output's size by a twentieth and
  /// two kilobytes.
  ///
  /// - Parameter output: what the command writes; nil for nothing but a table.
  func holdsToPlan(
    _ command: String, _ output: String?, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    if let output { try? FileManager.default.removeItem(atPath: file(output)) }
    let before = listing
    let plan = succeeds("\(command) --plan", sourceLocation: sourceLocation)
    #expect(listing == before, "--plan leaves files: \(plan)", sourceLocation: sourceLocation)
    func planned(_ what: String) throws -> Double {
      let row = plan.table.first { $0.first == what }
      return try #require(row.flatMap { Double($0[1]) }, "\(what) is missing: \(plan)")
    }
    #expect(plan.table.first == ["what", "value", "unit", "of_which"])
    let run = succeeds(
      "/usr/bin/time -o ../\(measureName) -f %M \(command)", sourceLocation: sourceLocation)
    let text = try String(contentsOfFile: path + "/../" + measureName, encoding: .utf8)
    try FileManager.default.removeItem(atPath: path + "/../" + measureName)
    let last = text.split(separator: "\n").last ?? ""
    let measured = try #require(Double(last), "\(run)") * 1024
    let memory = try planned("memory")
    #expect(
      abs(memory - measured) < 0.2 * measured + 2e6,
      "memory \(memory) planned, \(measured) measured: \(plan)", sourceLocation: sourceLocation)
    let size = Double(output.map { bytes($0).count } ?? 0)
    let wanted = try planned("output")
    #expect(
      abs(wanted - size) <= (output == nil ? 0 : size / 20 + 2048),
      "output \(wanted) planned, \(size) written: \(plan)", sourceLocation: sourceLocation)
    #expect(try planned("passes") >= 0 && planned("input") >= 0 && planned("time") > 0)
  }

  private var measureName: String { (path as NSString).lastPathComponent + ".peak" }
}
