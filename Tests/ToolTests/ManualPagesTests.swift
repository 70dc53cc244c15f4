import Foundation
import Testing

/// Man pages, `--help` and the options that a tool really has agree.
@Suite struct ManualPagesTests {
  static let tools = [
    "nn-data", "nn-convert", "nn-train", "nn-eval", "nn-predict", "bn-update", "swa-avg",
    "swag-fit", "swag-sample", "curve-fit", "curve-sample", "plane-sample", "subspace-pca",
    "subspace-sample", "calib-eval", "weights-check",
  ]

  static func page(_ name: String) -> String? {
    let path = Workplace.packageFolder + "/man/" + name
    return FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
  }

  /// The long options of a command and its subcommands, without those that every tool has.
  static func longOptions(_ command: [String: Any]) -> Set<String> {
    var options: Set<String> = []
    for argument in command["arguments"] as? [[String: Any]] ?? [] {
      for name in argument["names"] as? [[String: Any]] ?? [] {
        guard name["kind"] as? String == "long", let text = name["name"] as? String else {
          continue
        }
        options.insert(text)
      }
    }
    for subcommand in command["subcommands"] as? [[String: Any]] ?? [] {
      options.formUnion(longOptions(subcommand))
    }
    return options.subtracting(["help", "version", "generate-completion-script"])
  }

  /// Every long option is in the page, and every option of the page's lists is one.
  @Test(arguments: tools)
  func optionsAgree(_ tool: String) throws {
    let page = try #require(Self.page("\(tool).1"), "man/\(tool).1 is missing")
    let dump = Workplace().succeeds("\(tool) --experimental-dump-help")
    let help = try #require(
      JSONSerialization.jsonObject(with: dump.outputBytes) as? [String: Any])
    let options = Self.longOptions(try #require(help["command"] as? [String: Any]))
    #expect(!options.isEmpty)
    // Words of macro lines: "Fl -name" stands for --name.
    let words = page.split(separator: "\n").filter { $0.hasPrefix(".") }
      .flatMap { $0.split(separator: " ") }.map(String.init)
    let named = Set(
      words.filter { $0.count > 1 && $0.hasPrefix("-") }.map { String($0.dropFirst()) })
    for option in options.sorted() {
      #expect(named.contains(option), "man/\(tool).1 does not mention --\(option)")
    }
    let items = page.split(separator: "\n").filter { $0.hasPrefix(".It Fl") }
      .flatMap { $0.split(separator: " ") }.filter { $0.count > 1 && $0.hasPrefix("-") }
    for item in items {
      #expect(options.contains(String(item.dropFirst())), "\(tool) has no option -\(item)")
    }
  }

  /// Pages that the suite refers to are there.
  @Test func crossReferences() throws {
    let folder = Workplace.packageFolder + "/man"
    let pages = try FileManager.default.contentsOfDirectory(atPath: folder)
    let elsewhere: Set = ["h5dump.1", "h5ls.1", "h5diff.1", "gnuplot.1"]
    for page in pages {
      for line in try #require(Self.page(page)).split(separator: "\n")
      where line.hasPrefix(".Xr ") || line.contains(" Xr ") {
        let words = line.split(separator: " ").map(String.init)
        let i = try #require(words.firstIndex { $0 == "Xr" || $0 == ".Xr" })
        let target = "\(words[i + 1]).\(words[i + 2])"
        #expect(pages.contains(target) || elsewhere.contains(target), "\(page): \(target)")
      }
    }
  }

  @Test(
    .enabled(if: Workplace().run("command -v mandoc").status == 0, "needs mandoc"))
  func lint() {
    let outcome = Workplace().run(
      "mandoc -T lint -W warning \(Workplace.packageFolder)/man/*.[1-9]")
    #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome)")
  }

  /// What --version must say of every tool, and that --help is there.
  @Test(arguments: tools)
  func versionAndHelp(_ tool: String) {
    let version = Workplace().succeeds("\(tool) --version").output
    #expect(version.hasPrefix("\(tool) ") && version.contains("HDF5"))
    let network = [
      "nn-train", "nn-eval", "nn-predict", "bn-update", "curve-fit", "subspace-sample",
    ].contains(tool)
    #expect(version.contains("oneDNN") == network)
    #expect(Workplace().succeeds("\(tool) --help").output.contains("USAGE"))
    #expect(Workplace().succeeds("\(tool) --generate-completion-script bash").output.count > 100)
  }
}
