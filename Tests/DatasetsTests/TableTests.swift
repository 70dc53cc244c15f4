import TestSupport
import Testing

@testable import Datasets

@Suite struct TableTests {
  @Test(arguments: [
    "1,2,0\n3,4,1\n5,6,0\n", "1\t2\t0\n3\t4\t1\n5\t6\t0", "  1   2 0\n3 4  1 \r\n\n# end\n5 6 0\n",
    "1;2;0\n3;4;1\n5;6;0\n", "a,b,y\n1,2,0\n3,4,1\n5,6,0\n", "\"1\",\"2\",\"0\"\n3,4,1\n5,6,0\n",
    "1e0,2.0,0.0\n+3, 4,1\n5,6,-0\n",
  ])
  func separatorsHeadersAndQuotes(text: String) throws {
    let folder = Folder()
    let path = folder.write("t.csv", text)
    let dataset = try Dataset.csv(path, task: .classification(classNames: nil))
    #expect(dataset.inputs == .floats([1, 2, 3, 4, 5, 6]))
    #expect(dataset.targets == .classes([0, 1, 0]) && dataset.classNames == ["0", "1"])
    let zipped = try Dataset.csv(folder.gzipped(path), targets: ["2"], task: .regression)
    #expect(zipped.targets == .values([0, 1, 0], width: 1))
  }

  @Test func labelsAreWordsOrNumbers() throws {
    let folder = Folder()
    let words = folder.write("w", "species,x\nsetosa,1\nvirginica,2\nsetosa,3\n")
    let dataset = try Dataset.csv(
      words, targets: ["species"], task: .classification(classNames: nil))
    #expect(
      dataset.classNames == ["setosa", "virginica"] && dataset.targets == .classes([0, 1, 0]))
    let numbers = folder.write("n", "1 10\n2 9\n3 10\n")
    let ten = try Dataset.csv(numbers, task: .classification(classNames: nil))
    #expect(ten.classNames == ["9", "10"] && ten.targets == .classes([1, 0, 1]))
    // With the classes of another data set.
    let same = try Dataset.csv(
      numbers, task: .classification(classNames: ["8", "9", "10"]))
    #expect(same.targets == .classes([2, 1, 2]))
    #expect(
      message { _ = try Dataset.csv(numbers, task: .classification(classNames: ["9"])) }?
        .hasSuffix("line 1: '10' is not one of the 1 classes") == true)
  }

  /// What is left out of data is neither a header nor a class of its own.
  @Test(arguments: [
    ("5.1,,0\n4.9,3.0,1\n", "line 1: column 1: '' is not a number"),
    ("5.1,?,0\n4.9,3.0,1\n", "line 1: column 1: '?' is not a number"),
    ("NA,3.5,0\n4.9,3.0,1\n", "line 1: column 0: 'NA' is not a number"),
    ("1,2,0\n3,4,\n5,6,1\n", "line 2: column 2: a label is missing"),
    ("1,2,0,\n3,4,1,\n", "line 1: column 3: a label is missing"),
    ("1,0\n2,2\n3,NA\n", "line 3: 'NA' among numbers: a label is missing"),
    ("1,5\t2\t0\n3,5\t4\t1\n", "line 1: column 1: the label '5 2 0' holds a separator"),
    ("1,5;0\n2,5;1\n", "line 1: column 1: the label '5;0' holds a separator"),
  ])
  func missingValues(text: String, words: String) {
    let folder = Folder()
    let path = folder.write("t", text)
    let found = message {
      _ = try Dataset.csv(path, task: .classification(classNames: nil))
    }
    #expect(found?.hasPrefix("\(path): \(words)") == true, "\(found ?? "no error")")
  }

  /// Columns numbered by a data frame, and a byte-order mark.
  @Test func headersOfNumbers() throws {
    let folder = Folder()
    var notes: [String] = []
    let path = folder.write("t", "\u{feff}0,1,species\n5.1,3.5,setosa\n4.9,3.0,virginica\n")
    let task = TableTask.classification(classNames: nil)
    let dataset = try Dataset.csv(path, targets: ["species"], task: task) { notes.append($0) }
    #expect(dataset.count == 2 && dataset.classNames == ["setosa", "virginica"])
    #expect(
      notes == [
        "\(path): line 1 is taken for the columns' names; --no-header takes it for data"
      ])
    let bare = try Dataset.csv(path, task: task, header: .absent)
    #expect(bare.count == 3)
  }

  @Test func severalTargets() throws {
    let folder = Folder()
    let path = folder.write("t", "a,b,c\n1,2,3\n4,5,6\n")
    let dataset = try Dataset.csv(path, targets: ["c", "0"], task: .regression)
    #expect(
      dataset.targets == .values([3, 1, 6, 4], width: 2) && dataset.inputs == .floats([2, 5]))
  }

  @Test func errorsNameLineAndColumn() {
    let folder = Folder()
    func words(_ text: String, _ target: String = "-1", _ task: TableTask = .regression) -> String?
    {
      message { _ = try Dataset.csv(folder.write("t", text), targets: [target], task: task) }?
        .replacing(folder.path + "/", with: "")
    }
    let classes = TableTask.classification(classNames: nil)
    #expect(words("1,2\n1,2,3\n") == "t: line 2: 3 fields, but line 1 has 2")
    #expect(
      words("a,b\n1,2\n?,2\n")
        == "t: line 3: column 'a': '?' is not a number; a value is missing, and --missing says what becomes of it"
    )
    #expect(
      words("1,2\n1,nan\n")
        == "t: line 2: column 1: 'nan' is not a number; a value is missing, and --missing says what becomes of it"
    )
    #expect(
      words("1,2\n1,\n")
        == "t: line 2: column 1: '' is not a number; a value is missing, and --missing says what becomes of it"
    )
    #expect(words("a,b\n1,2\n", "y") == "t: there is no column 'y'; the columns are a, b")
    #expect(words("1,2\n", "2") == "t: there is no column 2: there are 2")
    #expect(words("1\n2\n") == "t: has no column beside the target")
    #expect(words("# nothing\n\n") == "t: holds no rows")
    #expect(words("a,b\n") == "t: holds a header, but no rows")
    #expect(
      words("1,2.5\n1,3\n", "-1", classes)
        == "t: the target 2.5 is not a class number; --regression predicts numbers")
  }

  @Test(.enabled(if: SharedData.isThere, "the shared data folder is not beside the package"))
  func publishedTables() throws {
    for (name, rows, features) in [
      ("bostonHousing", 506, 13), ("concrete", 1030, 8), ("energy", 768, 8),
      ("power-plant", 9568, 4),
    ] {
      let folder = SharedData.folder + "/uci/" + name
      let dataset = try Dataset.csv(folder + "/data.txt", task: .regression)
      #expect(dataset.count == rows && dataset.inputShape == [features], "\(name)")
      let test = try RowList.read(folder + "/splits.txt", line: 0, count: rows)
      #expect(abs(test.count - rows / 10) <= 1)
    }
  }

  @Test func rowLists() throws {
    let folder = Folder()
    let path = folder.write("rows", "# test rows\n0 3,5\n\n2\t1\n")
    #expect(try RowList.read(path, line: nil, count: 6) == [0, 3, 5, 2, 1])
    #expect(try RowList.read(path, line: 1, count: 6) == [2, 1])
    #expect(
      message { _ = try RowList.read(path, line: 2, count: 6) }?.contains("no line 2") == true)
    #expect(
      message { _ = try RowList.read(path, line: nil, count: 5) }?
        .hasSuffix("line 2: '5' is not one of the rows 0…4") == true)
    let marked = folder.write("marked", "\u{feff}3 4 5\r\n")
    #expect(try RowList.read(marked, line: nil, count: 9) == [3, 4, 5])
    let twice = folder.write("twice", "1 1\n")
    #expect(message { _ = try RowList.read(twice, line: nil, count: 5) }?.contains("twice") == true)
  }
}
