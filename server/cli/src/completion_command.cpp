// `headrace completion bash|zsh|fish`: a script made from the commands themselves, so that it cannot forget one.
#include <commands.hpp>
#include <cstdio>
#include <map>

namespace headrace::cli {
namespace {

/// What may follow each command: "" is headrace itself, "run list" a command of a command.
using Words = std::map<std::string, std::vector<std::string>>;

void collect(const CLI::App& command, const std::string& path, Words& words) {
  auto& own = words[path];
  for (const auto* sub : command.get_subcommands([](const CLI::App*) { return true; })) {
    own.push_back(sub->get_name());
    collect(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), words);
  }
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) own.push_back("--" + name);
    for (const auto& name : option->get_snames()) own.push_back("-" + name);
  }
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

/// The commands given so far, up to the cursor, are the path; files are offered where no word fits.
std::string bash_script(const Words& words) {
  std::string paths, cases;
  for (const auto& [path, list] : words) {
    if (!path.empty()) paths += (paths.empty() ? "\"" : "|\"") + path + "\"";
    cases += "    \"" + path + "\") words=\"" + joined(list) + "\" ;;\n";
  }
  return R"sh(# headrace: completion for bash; eval "$(headrace completion bash)"
_headrace() {
  local current=${COMP_WORDS[COMP_CWORD]} path= word words=
  for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$path${path:+ }$word" in
      )sh" +
         paths + R"sh() path="$path${path:+ }$word" ;;
    esac
  done
  case "$path" in
)sh" + cases +
         R"sh(  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _headrace headrace
)sh";
}

/// zsh runs bash's function.
std::string zsh_script(const Words& words) {
  return "#compdef headrace\nautoload -Uz bashcompinit && bashcompinit\n" + bash_script(words);
}

std::string fish_script(const Words& words) {
  std::string cases, completions;
  for (const auto& [path, list] : words) {
    if (!path.empty()) cases += "            case ' " + path + "'\n                set path ' " + path + "'\n";
    completions += "complete -c headrace -n '__headrace_path " + path + "' -a '" + joined(list) + "'\n";
  }
  return R"sh(# headrace: completion for fish; headrace completion fish | source
function __headrace_path
    set -l path ''
    for word in (commandline -opc)[2..]
        switch "$path $word"
)sh" + cases +
         R"sh(        end
    end
    test (string trim -- "$path") = "$argv"
end
)sh" + completions;
}

int print_script(const CLI::App& app, const std::string& shell) {
  Words words;
  collect(app, "", words);
  const auto script = shell == "bash" ? bash_script(words) : shell == "zsh" ? zsh_script(words) : fish_script(words);
  std::printf("%s", script.c_str());
  return k_done;
}

}  // namespace

void add_completion_command(const CommandLine& line) {
  const auto shell = std::make_shared<std::string>();
  auto* command = add_command(line.app, "completion", "Print the script with which a shell completes headrace's commands",
                              "  eval \"$(headrace completion bash)\"        in ~/.bashrc\n"
                              "  eval \"$(headrace completion zsh)\"         in ~/.zshrc, after compinit\n"
                              "  headrace completion fish | source         in ~/.config/fish/config.fish");
  command->add_option("shell", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback(
      [shell, &app = line.app, &chosen = line.chosen] { chosen = [shell, &app] { return print_script(app, *shell); }; });
}

}  // namespace headrace::cli
