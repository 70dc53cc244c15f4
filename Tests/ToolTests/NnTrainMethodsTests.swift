import Foundation
import HDF5
import Testing

/// What holds for every method of nn-train, whichever `--list-methods` prints: its run can be stopped
/// and resumed without a trace, help and man page know it, and a wrong key is told.
@Suite struct NnTrainMethodsTests {
  /// A method as `--list-methods` prints it.
  struct Method: CustomStringConvertible, Sendable {
    let option: String
    let name: String
    /// Names and standard values, "…" where there is none, and what values they take, in words.
    var keys: [(name: String, standard: String, values: String)] = []

    var description: String { "\(option) \(name)" }

    /// The method as it is given in these tests: what has no standard value is 1, and what takes more
    /// epochs or gradients than there are here is cut short.
    var spelling: String {
      let short =
        ["pswa": ["from": "1", "every": "1"], "entropy-sgd": ["steps": "2"]][name] ?? [:]
      let given = keys.compactMap { key in
        short[key.name].map { "\(key.name)=\($0)" }
          ?? (key.standard == "…" ? "\(key.name)=1" : nil)
      }
      return "\(option) \(name)" + (given.isEmpty ? "" : ":" + given.joined(separator: ","))
        + (option == "--average" ? " --snapshot-average" : "")
    }
  }

  static let methods: [Method] = {
    var methods: [Method] = []
    for line in Workplace().run("nn-train --list-methods").output.split(separator: "\n") {
      let words = line.split(separator: " ")
      if line.hasPrefix("--"), words.count == 2 {
        methods.append(Method(option: String(words[0]), name: String(words[1])))
      } else if let word = words.first, let mark = word.firstIndex(of: "="), !methods.isEmpty {
        methods[methods.count - 1].keys.append(
          (
            String(word[..<mark]), String(word[word.index(after: mark)...]),
            String(line.split(separator: "(").last?.dropLast() ?? "")
          ))
      }
    }
    return methods
  }()

  static let options = "train.h5 --model small.json -b 40 --lr 0.01 --seed 3 --threads 2 -q"

  @Test func listing() {
    let found = Set(Self.methods.map(\.description))
    for method in [
      "--optimizer sgd", "--optimizer padam", "--transform clip", "--objective sam",
      "--average ema",
    ] { #expect(found.contains(method), "\(found)") }
    let padam = Self.methods.first { $0.name == "padam" }
    #expect(
      padam?.keys.contains { $0.name == "partial" && $0.standard == "0.125" } == true,
      "\(padam as Any)")
  }

  /// A run whose table nobody reads ends after its first epoch, and goes on to the same bits.
  @Test(arguments: methods) func stopped(_ method: Method) throws {
    let place = Workplace()
    place.makeDigits()
    let command = "nn-train \(Self.options) \(method.spelling) --epochs 4"
    place.succeeds("\(command) -o whole.h5")
    // The reader is gone long before the first row comes.
    _ = place.run("{ sleep 0.3; exec \(command) -o parts.h5; } | :")
    let file = try HDF5File.open(place.file("parts.h5.part"))
    #expect(try file.dataset("committed").read(Int64.self) == [1], "stopped after an epoch")
    place.succeeds("\(command) --resume -o parts.h5")
    try place.expectSameContents("whole.h5", "parts.h5")
  }

  /// A run that is made longer is what it would have been, unless the method depends on its length:
  /// then it is another run.
  @Test(arguments: methods) func longer(_ method: Method) throws {
    let place = Workplace()
    place.makeDigits()
    let command = "nn-train \(Self.options) \(method.spelling)"
    if ["dswa", "tswa"].contains(method.name) {
      place.succeeds("\(command) --epochs 4 -o parts.h5")
      place.fails("\(command) --epochs 5 --resume -o parts.h5", 65, "--average was")
      return
    }
    place.succeeds("\(command) --epochs 4 -o whole.h5")
    place.succeeds("\(command) --epochs 2 -o parts.h5")
    place.succeeds("\(command) --epochs 4 --resume -o parts.h5")
    try place.expectSameContents("whole.h5", "parts.h5")
  }

  /// A run of one method is not gone on with by another, nor by the same with another key.
  @Test(arguments: methods) func anotherRun(_ method: Method) {
    let place = Workplace()
    place.makeDigits(train: 80)
    let command = "nn-train \(Self.options) \(method.spelling) --epochs 4 -o run.h5"
    place.succeeds(command)
    let other =
      "nn-train \(Self.options) --epochs 4 --resume -o run.h5"
      + (method.name == "sgd" ? " --optimizer adamw" : "")
    place.fails(other, 65, "\(method.option) was ")
  }

  @Test(arguments: methods) func keys(_ method: Method) {
    let place = Workplace()
    let wrong = place.fails(
      "nn-train \(Self.options) \(method.option) \(method.name):frobnicate=1 -o run.h5", 64,
      "\(method.name) has no key \"frobnicate\"")
    for key in method.keys { #expect(wrong.errors.contains(key.name), "\(wrong)") }
    for key in method.keys {
      place.fails(
        "nn-train \(Self.options) \(method.option) \(method.name):\(key.name)=nan -o run.h5", 64,
        "\(key.name) must be ")
      place.fails(
        "nn-train \(Self.options) \(method.option) \(method.name):\(key.name) -o run.h5", 64,
        "is no key=value")
    }
    let unknown = place.fails(
      "nn-train \(Self.options) \(method.option) \(method.name)x -o run.h5", 64,
      "there is no \"\(method.name)x\"")
    #expect(unknown.errors.contains(", "), "\(unknown)")
  }

  /// What lies outside the range that the listing states is refused in one line, however large.
  @Test(arguments: methods) func outOfRange(_ method: Method) {
    let place = Workplace()
    for key in method.keys where !key.values.hasPrefix("true") && !key.values.contains(" or ") {
      let numbers = key.values.split(separator: " ").compactMap { Double($0) }
      var values = ["-1e308", "-9223372036854775809", "inf"]
      if key.values.hasPrefix("a whole number") {
        #expect(numbers.count == 2, "the range of \(method.name):\(key.name), \(key.values)")
        values += [
          "\(Int(numbers[0]) - 1)", "\(Int(numbers.last ?? 0) + 1)", "9223372036854775807",
          "9223372036854775808", "1.5",
        ]
      } else if key.values.contains("above 0") {
        values.append("0")
      }
      for value in values {
        let refused = place.fails(
          "nn-train x.h5 \(method.option) \(method.name):\(key.name)=\(value) -o run.h5", 64,
          "\(key.name) must be ")
        #expect(refused.errors.split(separator: "\n").count == 1, "\(refused)")
      }
    }
  }

  /// --help names the method, and the page has an item for it with its keys and their values.
  @Test(arguments: methods) func documented(_ method: Method) throws {
    let help = Workplace().succeeds("nn-train --help").output
    let words = help.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map(String.init)
    #expect(words.contains(method.name), "nn-train --help does not name \(method.name)")
    let page = try #require(ManualPagesTests.page("nn-train.1"))
    let lines = page.split(separator: "\n").map(String.init)
    let start = try #require(
      lines.firstIndex(of: ".It Fl -\(method.option.dropFirst(2)) Cm \(method.name)"),
      "man/nn-train.1 has no item for \(method)")
    let rest = lines[(start + 1)...]
    let end = rest.firstIndex { $0.hasPrefix(".It Fl") || $0.hasPrefix(".S") } ?? lines.endIndex
    let keys = lines[start..<end].filter { $0.hasPrefix(".It Cm ") }.map { $0.dropFirst(7) }
    #expect(
      keys.map(String.init)
        == method.keys.map { $0.standard == "…" ? $0.name : "\($0.name)=\($0.standard)" })
  }
}
