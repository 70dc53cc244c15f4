import Objectives
import Testing

private let catalogue = MethodCatalogue(
  "--rule",
  [
    Method<[String]>(
      "first", "does something",
      keys: [
        .number("size", 0.5, in: 0...1, open: true, "how large"),
        .integer("every", 5, in: 1...10, "n"),
        .flag("big", false, "b"), .word("kind", "a", of: ["a", "b"], "k"),
      ], mainKey: "size"
    ) { keys in
      [
        "\(keys.number("size"))", "\(keys.integer("every"))", "\(keys.flag("big"))",
        keys.word("kind"),
      ]
    },
    Method<[String]>("second", "needs one", keys: [.positive("norm", nil, "how long")]) { keys in
      ["\(keys.number("norm"))"]
    },
    Method<[String]>("third", "has none") { _ in [] },
  ])

@Suite struct MethodTests {
  @Test(arguments: [
    ("first", ["0.5", "5", "false", "a"], "first"),
    ("first=0.25", ["0.25", "5", "false", "a"], "first:size=0.25"),
    ("first:kind=b,big=1", ["0.5", "5", "true", "b"], "first:big=true,kind=b"),
    ("first=0.1:every=7", ["0.1", "7", "false", "a"], "first:size=0.1,every=7"),
    // A value given as it is by default is no other run.
    ("first:size=0.50,every=5", ["0.5", "5", "false", "a"], "first"),
    ("second:norm=1e3", ["1000.0"], "second:norm=1000.0"), ("third", [], "third"),
  ])
  func grammar(text: String, product: [String], settings: String) throws {
    let chosen = try catalogue.parse(text)
    #expect(try chosen.make() == product)
    #expect(chosen.settings == settings)
    #expect(try catalogue.parse(chosen.settings).make() == product)
  }

  @Test(arguments: [
    ("fourth", "there is no \"fourth\"; there are first, second, third"),
    ("", "there is no \"\""), ("second", "second needs norm: how long"),
    ("first:sise=1", "first has no key \"sise\"; it has size, every, big, kind"),
    ("third:a=1", "it has none"), ("first:size", "is no key=value, as in first:size=0.5,every=5"),
    ("first:size=0", "size must be a number above 0 and below 1, not \"0\""),
    ("first:size=nan", "not \"nan\""), ("first:every=2.5", "a whole number from 1 to 10"),
    ("first:big=yes", "true or false"), ("first:kind=c", "a or b"),
    ("first:every=2,every=3", "every is given twice"), ("first=0.2:size=0.3", "given twice"),
    ("first:", "is no key=value"), ("third=1", "takes keys by name"),
    ("second:norm=1,", "is no key=value"),
  ])
  func refusals(text: String, words: String) {
    do {
      _ = try catalogue.parse(text)
      Issue.record("\(text) was taken")
    } catch let error as MethodError {
      #expect(error.description.contains(words) && error.description.hasPrefix("--rule: "))
      #expect(!error.description.contains("\n"))
    } catch { Issue.record("another error: \(error)") }
  }

  @Test func listing() {
    let text = catalogue.listing
    for word in ["--rule first", "--rule third", "size=0.5  how large", "norm=…  how long"] {
      #expect(text.contains(word))
    }
  }
}
