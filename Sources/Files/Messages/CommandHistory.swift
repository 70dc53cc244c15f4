import Glibc

/// The history of a new file: this command's line, then those of its inputs, newest first.
///
///     swa-avg 0.1.0: swa-avg run.h5 -o swa.h5
///
/// The line has a time in front, in UTC, only where `stamp` asks for the present time or
/// `SOURCE_DATE_EPOCH` gives one, so that the same command writes the same bytes. A line that two
/// inputs share is kept once.
///
/// - Parameter arguments: the command line with the tool's name first.
public func commandHistory(
  arguments: [String], inputs: [[String]], stamp: Bool = false
) -> [String] {
  let tool = arguments.first.map { String($0.split(separator: "/").last ?? "") } ?? ""
  let command = ([tool] + arguments.dropFirst().map(shellQuoted)).joined(separator: " ")
  let time = timestamp(stamp).map { $0 + " " } ?? ""
  var lines = ["\(time)\(tool) \(suiteVersion): \(command)"]
  var seen: Set<String> = []
  for line in inputs.joined() where seen.insert(line).inserted { lines.append(line) }
  return lines
}

/// Whether a history has a command: by the same line, but for whether it was to go on with its run.
public func holds(_ history: [String], _ command: String) -> Bool {
  func words(_ line: String) -> [Substring] {
    line.split(separator: " ").filter { $0 != "--resume" && $0 != "--overwrite" }
  }
  let wanted = words(command)
  return history.contains { words($0) == wanted }
}

private func timestamp(_ stamp: Bool) -> String? {
  var seconds = time_t()
  if let text = unsafe getenv("SOURCE_DATE_EPOCH"),
    let epoch = unsafe Int(String(cString: text)), (0..<1 << 37).contains(epoch)
  {
    seconds = epoch
  } else if stamp {
    seconds = time(nil)
  } else {
    return nil
  }
  var parts = unsafe tm()
  unsafe gmtime_r(&seconds, &parts)
  func pad(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
  let day = unsafe "\(parts.tm_year + 1900)-\(pad(parts.tm_mon + 1))-\(pad(parts.tm_mday))"
  return unsafe "\(day)T\(pad(parts.tm_hour)):\(pad(parts.tm_min)):\(pad(parts.tm_sec))Z"
}

/// An argument as it can be typed into a shell.
private func shellQuoted(_ argument: String) -> String {
  let plain = argument.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "-_./:=,+@%".utf8.contains(byte)
    }
  }
  if plain && !argument.isEmpty { return argument }
  return "'"
    + argument.split(separator: "'", omittingEmptySubsequences: false)
    .joined(separator: #"'\''"#) + "'"
}
