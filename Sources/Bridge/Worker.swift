import Files
import Glibc
import Prediction
import TrajectoryFiles
import WeightSpace

/// A program that computes outputs, or refreshes running statistics, for weights that it is given: any
/// network in any language, by the protocol of weightspace(5).
///
///     worker  weightspace 1 outputs=logits
///     tool    predict FOLDER/weights.safetensors FOLDER/outputs.npy
///     worker  ok
///
/// Use from one thread.
public final class Worker {
  /// What its outputs are; nil where its greeting says nothing of them.
  public private(set) var meaning: OutputForm.Meaning?
  /// N, the rows that its outputs have: those of the data, or of its first outputs.
  public private(set) var rows: Int?
  /// The columns of its first outputs.
  public private(set) var columns: Int?
  private let process: WorkerProcess
  private let folder: TemporaryFolder
  private let data: String?

  /// Starts a worker, and waits for its greeting.
  ///
  /// - Parameters:
  ///   - command: for the shell.
  ///   - data: the path of the data set, which it finds in its environment; nil where it has its own.
  ///   - rows: the number of examples, where it is known.
  ///   - environment: other variables that it finds there.
  ///   - timeout: seconds for each answer.
  /// - Throws: `FileError`: `inputOutput` where it cannot be started, ends or takes too long; `wrongData`
  ///   for another greeting.
  public init(
    _ command: String, data: String? = nil, rows: Int? = nil, environment: [String: String] = [:],
    timeout: Double = 3600
  ) throws {
    self.data = data
    self.rows = rows
    folder = try TemporaryFolder()
    var environment = environment
    environment["WEIGHTSPACE_DATA"] = data ?? ""
    process = try WorkerProcess(command, environment: environment, timeout: timeout)
    meaning = try Self.meaning(in: process.line(for: "its greeting"), of: process)
  }

  /// The program, as the user wrote it.
  public var command: String { process.command }

  /// - Parameter line: `weightspace 1`, and after it `outputs=` and a word.
  private static func meaning(
    in line: String, of process: WorkerProcess
  ) throws -> OutputForm.Meaning? {
    let words = line.split(separator: " ")
    let known = OutputForm.Meaning.allCases.map(\.rawValue).joined(separator: ", ")
    guard words.count >= 2, words[0] == "weightspace" else {
      throw process.problem(
        .wrongData, "its greeting",
        "says \(process.quoted(line.utf8)) where 'weightspace 1 outputs=logits' or the like is expected;"
          + " messages belong on its standard error")
    }
    guard words[1] == "1" else {
      throw process.problem(
        .wrongData, "its greeting",
        "speaks version \(process.quoted(words[1].utf8)) of the protocol, and this tool speaks version 1"
      )
    }
    guard let word = words.dropFirst(2).first else { return nil }
    guard words.count == 3, word.hasPrefix("outputs="),
      let meaning = OutputForm.Meaning(rawValue: String(word.dropFirst("outputs=".count)))
    else {
      throw process.problem(
        .wrongData, "its greeting",
        "says \(process.quoted(line.utf8)), but outputs= is one of \(known)")
    }
    return meaning
  }

  /// Whether its outputs are known; asked before the first weights are sent.
  ///
  /// - Throws: `FileError` of kind `wrongData`.
  public func requireMeaning() throws -> OutputForm.Meaning {
    guard let meaning else {
      let known = OutputForm.Meaning.allCases.map(\.rawValue).joined(separator: ", ")
      throw process.problem(
        .wrongData, "its greeting",
        "does not say what its outputs are; 'weightspace 1 outputs=WORD' does, with one of \(known)"
      )
    }
    return meaning
  }

  /// The outputs for weights that `write` puts into a file of the name that it is given.
  ///
  /// - Parameter work: which weights, for messages, as in "snapshot 3 of run.h5".
  /// - Throws: `FileError`: what `write` throws; `inputOutput` where the worker ends or takes too long;
  ///   `wrongData` where it reports an error, and for outputs that are not what they must be.
  public func predict(
    _ work: String, writing write: (String) throws -> Void
  ) throws -> WorkerOutputs {
    let meaning = try requireMeaning()
    return try ask("predict", work, file: "outputs.npy", write) { path in
      let outputs = try WorkerOutputs(path, meaning: meaning)
      if let rows, outputs.rows != rows {
        throw FileError(
          .wrongData, file: path,
          data.map { "\(outputs.rows) rows, but \($0) has \(rows) examples" }
            ?? "\(outputs.rows) rows, but those of the first snapshot have \(rows)")
      }
      if let columns, outputs.columns != columns {
        throw FileError(
          .wrongData, file: path,
          "\(outputs.columns) columns, but those of the first snapshot have \(columns)")
      }
      (rows, columns) = (outputs.rows, outputs.columns)
      return outputs
    }
  }

  /// The running statistics for weights that `write` puts into a file of the name that it is given.
  ///
  /// - Parameter layout: what they are called; nil where their names are to say that they are some.
  public func refresh(
    _ work: String, like layout: VectorLayout?, writing write: (String) throws -> Void
  ) throws -> StatisticsFile {
    try ask("refresh", work, file: "statistics.safetensors", write) {
      try StatisticsFile($0, like: layout)
    }
  }

  /// Names the program and the weights in errors about what it wrote.
  public func naming<Result>(_ work: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as FileError
      where error.file.hasPrefix(folder.path + "/")
    {
      let name = error.file.dropFirst(folder.path.utf8.count + 1)
      let object = error.object.map { $0 == "array" ? "" : "\($0): " } ?? ""
      throw process.problem(
        error.kind == .missingInput ? .wrongData : error.kind, work,
        "\(name) that it wrote: \(object)\(error.problem)")
    }
  }

  private func ask<Result>(
    _ verb: String, _ work: String, file: String, _ write: (String) throws -> Void,
    _ read: (String) throws -> Result
  ) throws -> Result {
    let (weights, answer) = ("\(folder.path)/weights.safetensors", "\(folder.path)/\(file)")
    unsafe unlink(answer)
    try write(weights)
    try process.send("\(verb) \(weights) \(answer)", for: work)
    let line = try process.line(for: work)
    if line == "error" || line.hasPrefix("error ") {
      let words = line.dropFirst(6)
      throw process.problem(
        .wrongData, work,
        "answers \(verb) with an error"
          + (words.isEmpty ? "" : ": \(shown(String(words), atMost: 400))"))
    }
    guard line == "ok" else {
      throw process.problem(
        .wrongData, work,
        "answers \(verb) with \(process.quoted(line.utf8)), which is neither 'ok' nor 'error MESSAGE';"
          + " messages belong on its standard error")
    }
    return try naming(work) { try read(answer) }
  }
}
