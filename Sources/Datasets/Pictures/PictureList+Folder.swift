import Files

extension PictureList {
  /// The pictures of a folder that has a folder for each class, in the order and with the classes of
  /// torchvision's ImageFolder; without labels all pictures below a folder.
  ///
  /// - Parameter known: the classes by their numbers, some of which may have no folder; nil: the names
  ///   of the folders in byte order.
  /// - Throws: `FileError` for a folder without folders, a class without pictures, and what cannot be
  ///   read.
  public static func folder(
    _ path: String, known: [String]? = nil, unlabelled: Bool = false
  ) throws -> PictureList {
    var root = path
    while root.count > 1, root.hasSuffix("/") { root.removeLast() }
    func entries(_ folder: String, _ label: Int32) throws -> [Entry] {
      try FolderTree.files(below: folder).filter(isPicture).map {
        Entry(name: String($0.dropFirst(root.count + 1)), place: .file($0), label: label)
      }
    }
    guard !unlabelled else {
      let all = try entries(root, 0)
      guard !all.isEmpty else { throw FileError(.wrongData, file: path, "holds no pictures") }
      return PictureList(name: path, entries: all, archives: [], classNames: [], isLabelled: false)
    }
    let contents = try FolderTree.contents(of: root)
    guard !contents.folders.isEmpty else {
      let some = contents.files.contains(where: isPicture)
      throw FileError(
        .wrongData, file: path,
        "has no folders, of which each would be a class"
          + (some ? "; --unlabelled takes pictures without classes, --list names them" : ""))
    }
    let names = known.flatMap { $0.isEmpty ? nil : $0 } ?? contents.folders
    if let other = contents.folders.first(where: { !names.contains($0) }) {
      throw FileError(
        .wrongData, file: "\(path)/\(other)", "is not one of the \(names.count) classes")
    }
    var all: [Entry] = []
    for (number, name) in names.enumerated() where contents.folders.contains(name) {
      let own = try entries("\(root)/\(name)", Int32(number))
      guard !own.isEmpty else {
        throw FileError(
          .wrongData, file: "\(path)/\(name)", "is a class without pictures; remove the folder")
      }
      all += own
    }
    return PictureList(name: path, entries: all, archives: [], classNames: names, isLabelled: true)
  }

  /// The pictures that a text table names in its first column, with their labels in the second.
  ///
  /// - Parameters:
  ///   - folder: what the names are relative to; nil: the table's own folder.
  ///   - header: whether the first line names the columns; by guess it does where it names no picture,
  ///     but the second one does.
  /// - Throws: `FileError` for a table without these columns and for labels that are missing.
  public static func list(
    _ path: String, folder: String?, header: TableHeader = .guess, known: [String]? = nil,
    unlabelled: Bool = false
  ) throws -> PictureList {
    let table = try TextTable(path, header: header.isGuess ? .absent : header)
    // Words above words: a first line that names no picture names the columns.
    let rows = table.rows
    let hasHeader =
      header.isGuess && rows.count > 1 && !isPicture(rows[0][0].text) && isPicture(rows[1][0].text)
    let isLabelled = !unlabelled
    guard table.columns.count >= (isLabelled ? 2 : 1) else {
      throw table.source.problem(
        "has one column; a list has the pictures' files in its first and their labels in its second"
      )
    }
    let base = folder ?? path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    var labels: [String] = []
    var entries: [Entry] = []
    for row in hasHeader ? rows.dropFirst() : rows[...] {
      guard !row[0].text.isEmpty else {
        throw table.source.problem("line \(row[0].line): a file's name is missing")
      }
      if isLabelled {
        guard !isMissing(row[1].text) else {
          throw table.source.problem("line \(row[1].line): a label is missing")
        }
        labels.append(row[1].text)
      }
      let file = row[0].text.hasPrefix("/") ? row[0].text : "\(base)/\(row[0].text)"
      entries.append(Entry(name: row[0].text, place: .file(file), label: 0))
    }
    let numbered = try numbers(of: labels, known: known, name: table.source.name)
    for i in labels.indices { entries[i].label = numbered.labels[i] }
    return PictureList(
      name: table.source.name, entries: entries, archives: [],
      classNames: isLabelled ? numbered.classNames : [], isLabelled: isLabelled)
  }
}
