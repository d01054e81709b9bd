import Foundation
import Programs

/// `demo`: the story of a window that works through an outage, told by the real programs.
/// `demo --keep`: the same set-up, left running for a person to try.
@main
enum Main {
    private static let help = """
        demo: central and three hospitals on this machine, through an outage and back

        Usage: demo            tells the story, checks every count, clears everything away
               demo --keep     starts the same set-up and leaves it running until Ctrl-C
        """

    static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        let narrator = Narrator()
        if arguments == ["--help"] {
            narrator.say(help)
            exit(0)
        }
        guard arguments.isEmpty || arguments == ["--keep"] else {
            FileHandle.standardError.write(
                Data("demo: “\(arguments[0])” is not an option. See: demo --help\n".utf8))
            exit(64)
        }
        do {
            let stage = try Stage("birthwindow-demo")
            let sources = stage.clearOnSignals()
            defer { withExtendedLifetime(sources) {} }
            exit(perform(on: stage, isKept: arguments == ["--keep"], narrator))
        } catch {
            narrator.complain("\(error)")
            exit(1)
        }
    }

    private static func perform(on stage: Stage, isKept: Bool, _ narrator: Narrator) -> Int32 {
        var status: Int32 = 0
        do {
            if isKept {
                try Trial(on: stage, narrator).run()
            } else {
                stage.clear(afterSeconds: 300)
                var story = try Story(on: stage, narrator)
                try story.tell()
            }
        } catch {
            narrator.complain("\(error)")
            status = 1
        }
        stage.clear()
        if FileManager.default.fileExists(atPath: stage.directory.path) {
            narrator.complain("\(stage.directory.path) could not be removed")
            status = 1
        }
        return status
    }
}
