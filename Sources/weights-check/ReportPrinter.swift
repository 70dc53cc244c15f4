import ArgumentParser
import Files
import Inspection
import ToolSupport

/// Prints reports as they come, and knows the exit status at the end.
struct ReportPrinter {
  private let list: Bool
  private let json: Bool
  private let quiet: Bool
  private var table: Report
  private var count = 0
  private var status: Int32 = 0

  init(list: Bool, json: Bool, quiet: Bool) {
    self.list = list
    self.json = json
    self.quiet = quiet
    table = Report(
      columns: list
        ? ["file", "object", "type", "shape", "minimum", "maximum", "not_finite"]
        : ["file", "kind", "snapshots", "rows", "objects", "numbers", "problems"], json: false)
  }

  /// Prints what a file holds, and its problems.
  mutating func add(_ report: FileReport) throws {
    for problem in report.problems {
      let error = FileError(
        .wrongData, file: report.name, object: problem.object, problem.text)
      StandardError.write("weights-check: \(error)\n")
      status = 65
    }
    count += 1
    if json {
      try StandardOutput.write((count == 1 ? "[\n  " : ",\n  ") + report.json)
    } else if list {
      for object in report.objects { try table.add(row(report, object)) }
    } else if !quiet {
      try table.add([
        .text(report.name), report.kind.map { .text($0) } ?? .missing,
        report.snapshots.map { .integer($0) } ?? .missing,
        (report.rows ?? report.snapshots).map { .integer($0) } ?? .missing,
        .integer(report.objects.count), .integer(report.elements),
        .integer(report.problems.count),
      ])
    }
  }

  private func row(_ report: FileReport, _ object: ObjectReport) -> [Report.Value] {
    let numbers = object.numbers.flatMap { $0.minimum <= $0.maximum ? $0 : nil }
    return [
      .text(report.name), .text(object.path), .text(object.type),
      .text("[\(object.shape.map(String.init).joined(separator: ", "))]"),
      numbers.map { .number($0.minimum) } ?? .missing,
      numbers.map { .number($0.maximum) } ?? .missing,
      object.numbers.map { .integer($0.nonFiniteCount) } ?? .missing,
    ]
  }

  /// A file that cannot be read at all; the others still are.
  mutating func fail(_ error: FileError) {
    StandardError.write("weights-check: \(error)\n")
    status = status == 0 ? 66 : status
  }

  /// Ends the output, and the tool where something was wrong.
  mutating func finish() throws {
    if json {
      try StandardOutput.write(count == 0 ? "[]\n" : "\n]\n")
    } else if list || !quiet {
      try table.finish()
    }
    if status != 0 { throw ExitCode(status) }
  }
}
