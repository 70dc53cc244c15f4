import ArgumentParser
import Files
import Glibc

/// A command of the suite: options and checks by ArgumentParser, work in `execute()`.
///
/// `main()` is the one place where errors become a line on standard error and an exit status, and
/// where signals are handled. A command with subcommands is a `Tool` whose subcommands are Tools.
public protocol Tool: ParsableCommand {
  /// Does the work. Errors thrown end the tool as `ToolFailure` says.
  mutating func execute() throws
}

extension Tool {
  public mutating func run() throws { try execute() }

  public static func main() {
    StandardDescriptors.fill()
    Signals.install()
    Remarks.tell { ToolFailure.report($0, Self.self) }
    do {
      var command = try parseAsRoot(joiningNegativeNumbers(CommandLine.arguments.dropFirst()))
      try command.run()
    } catch {
      ToolFailure.end(with: error, in: Self.self)
    }
    Glibc.exit(0)
  }
}

/// Makes `--lr -1` of two arguments `--lr=-1`, which the parser takes for a value and can say what is
/// wrong with.
func joiningNegativeNumbers(_ arguments: some Sequence<String>) -> [String] {
  var result: [String] = []
  var isOver = false
  for argument in arguments {
    let head = argument.dropFirst()
    let isNegative =
      argument.first == "-"
      && (head.first?.isNumber == true || head.first == "." || head == "inf" || head == "nan")
    if !isOver, isNegative, let option = result.last, option.count > 1, option.first == "-",
      option.dropFirst().first?.isNumber == false, !option.contains("=")
    {
      result[result.count - 1] = "\(option)=\(argument)"
    } else {
      result.append(argument)
    }
    isOver = isOver || argument == "--"
  }
  return result
}

/// Errors turned into one line and an exit status: 64 usage, 65 wrong data, 66 missing input, 73
/// cannot create output, 74 input or output failed. A pipe that nobody reads ends quietly.
enum ToolFailure {
  static func end<Command: ParsableCommand>(with error: any Error, in command: Command.Type)
    -> Never
  {
    fflush(nil)
    TemporaryFile.removeNames()
    switch error {
    case let error as FileError:
      report("\(error)", command)
      exit(status(of: error.kind))
    case is ClosedPipe:
      exit(0)
    case let code as ExitCode:
      exit(code.rawValue)
    default: break
    }
    // What is not ArgumentParser's own gets the status 1 from it.
    let code = command.exitCode(for: error)
    switch code {
    case .success:
      // Letters of an option that does not exist, -fz.h5, may hold an h.
      let asked = CommandLine.arguments.contains {
        ["-h", "--version"].contains($0) || $0.hasPrefix("--") && $0.contains("help")
          || $0.hasPrefix("--generate-completion-script") || $0 == "help"
      }
      guard asked else {
        let option = CommandLine.arguments.first { $0.hasPrefix("-") && $0.contains("h") } ?? ""
        report("unknown option \(option) (see \(name(command)) --help)", command)
        exit(64)
      }
      do { try StandardOutput.write(command.fullMessage(for: error) + "\n") } catch {
        end(with: error, in: command)
      }
      exit(0)
    case .validationFailure:
      if let words = MisspeltArguments.problem(in: CommandLine.arguments.dropFirst(), of: command) {
        report("\(words) (see \(name(command)) --help)", command)
        exit(64)
      }
      let words = command.message(for: error).split(separator: "\n").first ?? ""
      // "SWA start: …" stays, "Unknown option …" becomes small.
      let isWord = words.dropFirst().first?.isLowercase ?? false
      let first = isWord ? words.prefix(1).lowercased() : String(words.prefix(1))
      report("\(first)\(words.dropFirst()) (see \(name(command)) --help)", command)
      exit(64)
    default:
      report("\(error)", command)
      exit(65)
    }
  }

  static func status(of kind: FileError.Kind) -> Int32 {
    switch kind {
    case .wrongData: 65
    case .missingInput: 66
    case .cannotCreate: 73
    case .inputOutput: 74
    }
  }

  static func name<Command: ParsableCommand>(_ command: Command.Type) -> String {
    command.configuration.commandName ?? "weightspace"
  }

  static func report<Command: ParsableCommand>(_ line: String, _ command: Command.Type) {
    StandardError.write("\(name(command)): \(shown(line, atMost: 2000))\n")
  }
}

/// A wrong use of options that only running shows: exit status 64.
///
/// ArgumentParser's `ValidationError` does the same in `validate()`.
public func usageError(_ message: String) -> ValidationError { ValidationError(message) }
