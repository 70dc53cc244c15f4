import ArgumentParser
import Datasets
import Files
import ToolSupport

/// Part of a data set: by rows, then by classes, then so many of each class.
struct Select: Tool {
  static let configuration = CommandConfiguration(
    abstract: "Part of a data set.",
    discussion: """
      Rows are chosen first, then classes, then so many of each class; the order stays. The part \
      keeps the constants of the whole unless --normalize or --normalize-like says otherwise.
      """)

  @Argument(help: "The data set; standard input by default.")
  var data: String = "-"

  @Option(
    help: ArgumentHelp("Where in the file its inputs and targets are.", valueName: "path"))
  var group: String = "/"

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Rows A to B, B exclusive, of every S-th; negative ones count from the end.",
      valueName: "a:b[:s]"))
  var rows: RowRange?

  @Option(help: ArgumentHelp("Rows by the numbers in this text file.", valueName: "file"))
  var rowsFile: String?

  @Option(
    help: ArgumentHelp(
      "Of --rows-file, only this line, from 0 (lines with # do not count).", valueName: "k"))
  var line: Int?

  @Flag(help: "All rows but those of --rows or --rows-file.")
  var exclude = false

  @Option(
    help: ArgumentHelp(
      "Only these classes, by number or name, renumbered 0, 1, … in this order.",
      valueName: "class,…"))
  var classes: String?

  @Flag(help: "Let --classes keep the numbers and names of all classes.")
  var keepLabels = false

  @Option(help: ArgumentHelp("The first N of each class.", valueName: "n"))
  var perClass: Int?

  @Flag(help: "Compute the constants for normalisation from the part.")
  var normalize = false

  @OptionGroup var arrays: ArrayOptions
  @OptionGroup var result: ResultOptions

  func validate() throws {
    if rows != nil && rowsFile != nil {
      throw ValidationError("--rows and --rows-file exclude each other")
    }
    if exclude && rows == nil && rowsFile == nil {
      throw ValidationError("--exclude needs --rows or --rows-file")
    }
    if line != nil && rowsFile == nil { throw ValidationError("--line needs --rows-file") }
    if keepLabels && classes == nil { throw ValidationError("--keep-labels needs --classes") }
    if let perClass, perClass < 1 { throw ValidationError("--per-class must be at least 1") }
    if normalize && result.normalizeLike != nil {
      throw ValidationError("--normalize and --normalize-like exclude each other")
    }
  }

  func execute() throws {
    try result.check(inputs: [data, rowsFile])
    let file = try DatasetFile(
      data, group: group, anyTargets: result.unlabelled, mayLackTargets: true)
    let whole = file.labels
    if (classes != nil || perClass != nil) && !(whole.isLabelled && whole.isClassification) {
      throw FileError(
        .wrongData, file: whole.name,
        (whole.isLabelled ? "is a regression" : "has no targets")
          + ", but --classes and --per-class need classes")
    }
    var chosen = try chosenRows(of: whole)
    let wanted = try classes.map { try whole.classNumbers($0) }
    if let wanted { chosen = whole.rows(chosen, ofClasses: wanted) }
    if let perClass { chosen = whole.rows(chosen, perClass: perClass) }
    guard !chosen.isEmpty else { throw whole.nothingSelected() }
    if result.planning.plan {
      let part = try file.outline(rows: chosen)
      return try result.planning.print(result.planned(part, rows: chosen.count, isGathered: true))
    }
    var part = try file.read(rows: chosen)
    if let wanted, !keepLabels { part = part.renumbering(classes: wanted) }
    let hadConstants = !part.inputMean.isEmpty
    part = try arrays.applied(to: part, refuses: false, remark: result.remark)
    let lostConstants = hadConstants && part.inputMean.isEmpty
    if !result.unlabelled, part.looksOneHot, let words = part.targetsRemark() {
      result.remark("\(part.name): \(words)")
    }
    try result.write(part, like: result.model(), computing: normalize || lostConstants)
  }

  private func chosenRows(of whole: Dataset) throws -> [Int] {
    let all = Array(0..<whole.count)
    var chosen = all
    if let rows { chosen = rows.indices(count: whole.count) }
    if let rowsFile { chosen = try RowList.read(rowsFile, line: line, count: whole.count) }
    guard exclude else { return chosen }
    let excluded = Set(chosen)
    return all.filter { !excluded.contains($0) }
  }
}

/// `A:B` or `A:B:S`, each part optional, as Python slices.
struct RowRange: ExpressibleByArgument {
  private let first: Int?
  private let end: Int?
  private let step: Int

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    let numbers = parts.map { Int($0) }
    guard (2...3).contains(parts.count),
      zip(parts, numbers).allSatisfy({ $0.isEmpty || $1 != nil }),
      numbers.count < 3 || parts[2].isEmpty || numbers[2]! > 0
    else { return nil }
    first = numbers[0]
    end = numbers[1]
    step = (numbers.count == 3 ? numbers[2] : nil) ?? 1
  }

  func indices(count: Int) -> [Int] {
    func position(_ number: Int) -> Int { min(max(number < 0 ? number + count : number, 0), count) }
    return Array(stride(from: position(first ?? 0), to: position(end ?? count), by: step))
  }
}
