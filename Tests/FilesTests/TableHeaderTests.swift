import Testing

@testable import Files

/// Whether a first line names the columns, as the first two look.
@Suite struct TableHeaderTests {
  private func decision(
    _ first: String, _ second: String?, _ header: TableHeader = .guess
  ) throws -> TableHeader.Decision {
    var table = DelimitedText(
      TextLines(name: "t", Array((first + "\n" + (second ?? "")).utf8)))
    return header.decision(first: try table.next()!, second: try table.next())
  }

  @Test(
    arguments: [
      ("a,b,y", "1,2,0"), ("species,x", "setosa,1"), ("\"cat, tabby\",\"dog\"", "0.2,0.8"),
      // An index without a name, as data frames write it.
      (",a,b", "0,0.2,0.8"), ("a,b", nil),
    ] as [(String, String?)])
  func names(first: String, second: String?) throws {
    #expect(try decision(first, second) == .init(isHeader: true, note: nil))
  }

  /// Names by their looks only: that is said.
  @Test(arguments: [
    ("0,1", "0.37,0.63"), ("0", "0.5"), (",0,1", "0,0.2,0.8"), ("0,1,2", "5.1,3.5,0"),
    ("0,1,species", "5.1,3.5,setosa"), ("2019,2020,label", "5.1,3.5,a"), ("id,2019", "1,2"),
  ])
  func numbersThatCount(first: String, second: String) throws {
    let found = try decision(first, second)
    #expect(
      found.isHeader && found.note?.hasPrefix("line 1 is taken for the columns' names") == true)
  }

  @Test(
    arguments: [
      ("1,2,0", "3,4,1"), ("img1,0.1,0.9", "img2,0.6,0.4"), ("img1,0.1,0.9", nil),
      ("0,1", "1,0"), ("0.0,1.0", "0.5,0.5"), ("1,2", "0.5,0.5"), ("a,b", "c,d"),
      ("5,3,a", "4,3,b"),
      // What is left out of data is no name.
      ("5.1,,0", "4.9,3.0,1"), ("5.1,?,0", "4.9,3.0,1"), ("NA,3.5,0", "4.9,3.0,1"),
      (",0.5,0.5,0", "0.2,0.5,0.3,1"), ("5.1,3.5,", "4.9,3.0,1"), (",,", "1,2,3"),
    ] as [(String, String?)])
  func data(first: String, second: String?) throws {
    #expect(try decision(first, second) == .init(isHeader: false, note: nil))
  }

  @Test func whatIsSaidCounts() throws {
    #expect(try decision("a,b", "1,2", .absent) == .init(isHeader: false, note: nil))
    #expect(try decision("1,2", "3,4", .present) == .init(isHeader: true, note: nil))
  }

  @Test func columns() {
    let named = TableColumns(names: ["y", "a", "2"], count: 3)
    #expect(named.index(of: "a") == 1 && named.index(of: "-1") == 2 && named.index(of: "0") == 0)
    // A name wins over a number.
    #expect(named.index(of: "2") == 2 && named.index(of: "b") == nil)
    let bare = TableColumns(names: nil, count: 2)
    #expect(bare.index(of: "-2") == 0 && bare.index(of: "2") == nil && bare.index(of: "-3") == nil)
    #expect(bare.label(1) == "1" && named.label(1) == "'a'")
  }
}
