import Files

extension PictureList {
  /// The pictures in tar archives as WebDataset makes them: `000.jpg` and its class in `000.cls`, in
  /// the archives' order.
  ///
  /// - Throws: `FileError` for what is no tar archive, a picture without its class, two pictures of one
  ///   key, and a class that is no text of one line.
  public static func tars(
    _ paths: [String], known: [String]? = nil, unlabelled: Bool = false
  ) throws -> PictureList {
    precondition(!paths.isEmpty, "no archives")
    var (archives, entries, labels): ([PlainFile], [Entry], [String]) = ([], [], [])
    for path in paths {
      let file = try PlainFile(path)
      var classes: [String: TarDirectory.Member] = [:]
      var pictures: [(key: String, member: TarDirectory.Member)] = []
      var keys: Set<String> = []
      for member in try TarDirectory(file).members {
        guard let (key, suffix) = parts(of: member.name) else { continue }
        if suffix == "cls" || suffix.hasSuffix(".cls") {
          classes[key] = member
        } else if isPicture("." + suffix) {
          guard keys.insert(key).inserted else {
            throw file.problem("is a second picture of its key", object: member.name)
          }
          pictures.append((key, member))
        }
      }
      for (key, member) in pictures {
        entries.append(
          Entry(
            name: member.name,
            place: .member(archive: archives.count, address: member.address, size: member.size),
            label: 0))
        if unlabelled { continue }
        guard let label = classes[key] else {
          throw file.problem(
            "has no class: there is no \(key).cls; --unlabelled takes pictures without",
            object: member.name)
        }
        labels.append(try text(of: label, in: file))
      }
      archives.append(file)
    }
    guard !entries.isEmpty else {
      throw FileError(.wrongData, file: paths[0], "holds no pictures")
    }
    let numbered = try numbers(of: labels, known: known, name: paths[0])
    for i in labels.indices { entries[i].label = numbered.labels[i] }
    return PictureList(
      name: paths[0], entries: entries, archives: archives,
      classNames: unlabelled ? [] : numbered.classNames, isLabelled: !unlabelled)
  }

  /// The key of a member, up to the first point in its last part, and what follows; nil for hidden files
  /// and those without a point.
  private static func parts(of name: String) -> (key: String, suffix: String)? {
    let base = name.lastIndex(of: "/").map { name.index(after: $0) } ?? name.startIndex
    guard let point = name[base...].firstIndex(of: "."), point > base else { return nil }
    return (String(name[..<point]), name[name.index(after: point)...].lowercased())
  }

  private static func text(of member: TarDirectory.Member, in file: PlainFile) throws -> String {
    guard member.size <= 1024,
      let text = String(
        validating: try file.bytes(member.address..<(member.address + member.size)),
        as: UTF8.self)
    else { throw file.problem("is no class's number or name", object: member.name) }
    let words = text.split(whereSeparator: \.isNewline)
    guard words.count == 1, !isMissing(String(words[0])) else {
      throw file.problem("is no class's number or name", object: member.name)
    }
    return words[0].split(separator: " ").joined(separator: " ")
  }
}
