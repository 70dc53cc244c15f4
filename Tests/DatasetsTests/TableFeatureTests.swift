import Files
import TestSupport
import Testing

@testable import Datasets

/// Tables with words, gaps and columns that nobody wants.
@Suite struct TableFeatureTests {
  let folder = Folder()
  static let text = """
    id,colour,age,size,label
    1,red,10,1.5,a
    2,blue,,2.5,b
    3,red,30,NA,a
    4,,20,3.5,b

    """

  func read(
    _ text: String = Self.text, targets: [String] = ["label"], decimalComma: Bool = false,
    _ choose: (inout TableFeatures) -> Void = { _ in }
  ) throws -> (Dataset, notes: [String]) {
    let path = folder.write("t.csv", text)
    var features = TableFeatures()
    choose(&features)
    var notes: [String] = []
    let dataset = try Dataset.csv(
      path, targets: targets, task: .classification(classNames: nil), features: features,
      decimalComma: decimalComma, note: { notes.append($0.replacing(path, with: "t")) })
    return (dataset, notes)
  }

  func words(_ text: String = Self.text, _ choose: (inout TableFeatures) -> Void) -> String? {
    message { _ = try read(text, choose) }?.replacing(folder.path + "/", with: "")
  }

  @Test func columnsAreChosen() throws {
    for list in ["id", "0", "0:1", ":1"] {
      let (dataset, _) = try read { $0.chosen = list }
      #expect(dataset.inputs == .floats([1, 2, 3, 4]) && dataset.featureNames == ["id"], "\(list)")
    }
    let (dataset, notes) = try read {
      $0.dropped = "id,colour"
      $0.missing = .value(-1)
    }
    #expect(dataset.inputs == .floats([10, 1.5, -1, 2.5, 30, -1, 20, 3.5]))
    #expect(dataset.featureNames == ["age", "size"])
    #expect(notes == ["t: filled 2 missing values: 'age' 1, 'size' 1"])
    let (turned, _) = try read {
      $0.chosen = "size,id"
      $0.missing = .value(0)
    }
    #expect(turned.inputs == .floats([1.5, 1, 2.5, 2, 0, 3, 3.5, 4]))
    #expect(words { $0.chosen = "id,label" }?.contains("'label' is the target") == true)
    #expect(words { $0.chosen = "id,0" } == "t.csv: a column is named twice among the features")
    #expect(words { $0.chosen = "weight" }?.contains("there is no column 'weight'") == true)
    #expect(words { $0.chosen = "3:1" } == "t.csv: '3:1' names no column")
    #expect(words { $0.chosen = "a:b" } == "t.csv: 'a:b' is no range of columns: A:B are numbers")
    #expect(words { $0.dropped = "0:4" } == "t.csv: no column is left for a feature")
  }

  @Test func gapsAreSaid() throws {
    let (dropped, notes) = try read {
      $0.chosen = "id,age,size"
      $0.missing = .dropped
    }
    #expect(dropped.count == 2 && dropped.targets == .classes([0, 1]))
    #expect(dropped.inputs == .floats([1, 10, 1.5, 4, 20, 3.5]))
    #expect(notes == ["t: left out 2 of 4 rows, which have values missing"])
    let (mean, more) = try read {
      $0.chosen = "age,size"
      $0.missing = .mean
    }
    #expect(mean.inputs == .floats([10, 1.5, 20, 2.5, 30, 2.5, 20, 3.5]))
    #expect(more == ["t: filled 2 missing values: 'age' 1, 'size' 1"])
    // A test set takes the means of the training set.
    var train = mean
    train.inputMean = [7, 8]
    let (test, _) = try read {
      $0.chosen = "age,size"
      $0.missing = .mean
      $0.like = train
    }
    #expect(test.inputs == .floats([10, 1.5, 7, 2.5, 30, 8, 20, 3.5]))
    #expect(
      words { $0.chosen = "age" }
        == "t.csv: line 3: column 'age': '' is not a number; a value is missing, and --missing says"
        + " what becomes of it")
    #expect(
      words("id,a,label\n1,?,1\n2,,0\n") { $0.missing = .mean }?.contains("holds no value") == true)
    #expect(
      words("x,label\n1,\n2,?\n") { $0.missing = .dropped }?.contains(
        "every row has a value missing") == true)
  }

  @Test func wordsBecomeFeatures() throws {
    let (oneHot, _) = try read {
      $0.chosen = "colour,id"
      $0.categories = .oneHot
      $0.missing = .mean
    }
    #expect(oneHot.featureNames == ["colour=blue", "colour=red", "colour=?", "id"])
    #expect(oneHot.inputs == .floats([0, 1, 0, 1, 1, 0, 0, 2, 0, 1, 0, 3, 0, 0, 1, 4]))
    let (codes, _) = try read {
      $0.chosen = "colour"
      $0.categories = .codes
      $0.missing = .dropped
    }
    #expect(codes.featureNames == ["colour:blue|red"] && codes.inputs == .floats([1, 0, 1]))
    // The categories of a training set, in its order, also those that are not there.
    let one = "id,colour,age,size,label\n9,red,1,1,a\n"
    for (train, expected) in [(oneHot, [0, 1, 0, 9] as [Float]), (codes, [1])] {
      let (test, _) = try read(one) {
        $0.chosen = expected.count == 4 ? "colour,id" : "colour"
        $0.categories = expected.count == 4 ? .oneHot : .codes
        $0.like = train
      }
      #expect(test.inputs == .floats(expected) && test.featureNames == train.featureNames)
    }
    #expect(
      words("id,colour,age,size,label\n9,green,1,1,a\n") {
        $0.chosen = "colour"
        $0.categories = .codes
        $0.like = codes
      }?.contains("'green' is not one of the 2 categories of") == true)
    #expect(
      words { $0.chosen = "colour" }?.contains(
        "'red' is not a number; --categories makes features of words") == true)
    #expect(
      words {
        $0.chosen = "colour"
        $0.categories = .oneHot
      }?.contains("line 5: column 'colour': '' is not a number; a value is missing") == true)
    #expect(
      words("a,label\nx|z,1\nw,0\n") { $0.categories = .codes }?.contains("holds a |") == true)
    #expect(
      words("b,a,label\n1,2,0\n") {
        var other = codes
        other.featureNames = ["a", "b"]
        $0.like = other
      }?.contains("its features are b, a, but those of") == true)
  }

  @Test func commasInNumbers() throws {
    let (dataset, _) = try read(
      "x;y;l\n1,5;2;0\n-0,25;1e1;1\n", targets: ["l"], decimalComma: true)
    #expect(dataset.inputs == .floats([1.5, 2, -0.25, 10]))
    let (tabs, _) = try read("1,5\t2\t0\n3,5\t4\t1\n", targets: ["-1"], decimalComma: true)
    #expect(tabs.inputs == .floats([1.5, 2, 3.5, 4]))
    let path = folder.write("r", "1,5 2,5\n3 4\n")
    let values = try Dataset.csv(path, task: .regression, decimalComma: true)
    #expect(values.targets == .values([2.5, 4], width: 1))
  }

  @Test func withoutTargets() throws {
    let path = folder.write("u.csv", "x,y\n1,2\n3,4\n")
    let dataset = try Dataset.csv(path, targets: [], task: .classification(classNames: nil))
    #expect(!dataset.isLabelled && dataset.inputs == .floats([1, 2, 3, 4]))
  }
}
