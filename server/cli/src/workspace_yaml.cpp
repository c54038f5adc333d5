#include <workspace_yaml.hpp>

#include <algorithm>
#include <core/asset_graph.hpp>
#include <yaml-cpp/yaml.h>

namespace headrace::cli {
namespace fs = std::filesystem;
namespace {

using config::CodeLocationEntry;

/// What is wrong with the file; becomes the Result of read_workspace_yaml.
struct Wrong {
  int line;  ///< from 1
  std::string message;
};

[[noreturn]] void complain_at(const YAML::Node& node, std::string message) {
  throw Wrong{node.Mark().line + 1, std::move(message)};
}

class Reader {
 public:
  Reader(fs::path folder, const config::Variables& environment) : folder_(std::move(folder)), environment_(environment) {}

  std::vector<CodeLocationEntry> read(const YAML::Node& root) {
    if (!root.IsMap() || !root["load_from"]) complain_at(root, "the file must have \"load_from\", a list of code locations");
    known_keys(root, "the file", {"load_from"});
    const auto list = root["load_from"];
    if (!list.IsSequence()) complain_at(list, "\"load_from\" must be a list of code locations");
    std::vector<CodeLocationEntry> entries;
    for (const auto& item : list) {
      auto entry = read_item(item);
      const auto same = [&](const CodeLocationEntry& other) { return other.name == entry.name; };
      if (std::any_of(entries.begin(), entries.end(), same))
        complain_at(item, "two code locations are called \"" + entry.name + "\": give one of them another \"location_name\"");
      entries.push_back(std::move(entry));
    }
    return entries;
  }

 private:
  CodeLocationEntry read_item(const YAML::Node& item) {
    static const std::vector<std::string> k_kinds{"python_file", "python_module", "python_package"};
    if (!item.IsMap() || item.size() != 1)
      complain_at(item, "each of \"load_from\" must be one of python_file, python_module and python_package");
    const auto kind = item.begin()->first.as<std::string>();
    const auto value = item.begin()->second;
    if (kind == "grpc_server")
      complain_at(item, "\"grpc_server\" is not there: Headrace starts code locations itself; name the file, module or package");
    if (kind == "autoload_defs_module")
      complain_at(item, "\"autoload_defs_module\" is not there yet: name the module as python_module");
    known_keys(item, "load_from", k_kinds);
    const bool is_file = kind == "python_file";
    const std::string target_key = is_file ? "relative_path" : kind == "python_module" ? "module_name" : "package_name";
    CodeLocationEntry entry;
    std::string target;
    if (value.IsMap() && !value["env"]) {
      known_keys(value, kind, {target_key, "attribute", "working_directory", "location_name", "executable_path"});
      if (!value[target_key]) complain_at(value, "\"" + kind + "\" must have \"" + target_key + "\"");
      target = text(value[target_key]);
      entry.attribute = text(value["attribute"]);
      entry.working_directory = text(value["working_directory"]);
      entry.name = text(value["location_name"]);
      entry.python = text(value["executable_path"]);
    } else {
      target = text(value);
    }
    if (target.empty()) complain_at(item, "\"" + kind + "\" must name a " + (is_file ? "file" : "module"));
    if (entry.name.empty())
      entry.name =
          (is_file ? fs::path(target).filename().string() : target) + (entry.attribute.empty() ? "" : ":" + entry.attribute);
    (is_file ? entry.file : entry.module) = is_file ? path(target) : target;
    entry.working_directory = path(entry.working_directory.empty() ? "." : entry.working_directory);
    if (entry.python.find('/') != std::string::npos) entry.python = path(entry.python);
    return entry;
  }

  std::string text(const YAML::Node& node) const {
    if (!node || node.IsNull()) return {};
    if (node.IsScalar()) return node.as<std::string>();
    if (!node.IsMap() || node.size() != 1 || !node["env"] || !node["env"].IsScalar())
      complain_at(node, "a text or {env: NAME} is expected here");
    const auto name = node["env"].as<std::string>();
    for (const auto& [key, value] : environment_)
      if (key == name) return value;
    complain_at(node, "the variable " + name + " is not set");
  }

  static void known_keys(const YAML::Node& map, const std::string& place, const std::vector<std::string>& known) {
    for (const auto& pair : map) {
      const auto key = pair.first.as<std::string>();
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      const auto near = closest_names(key, known, 1);
      complain_at(pair.first,
                  "unknown key \"" + key + "\" in " + place + (near.empty() ? "" : ". Did you mean \"" + near.front() + "\"?"));
    }
  }

  std::string path(const std::string& relative) const { return (folder_ / relative).lexically_normal().string(); }

  fs::path folder_;
  const config::Variables& environment_;
};

}  // namespace

Result<std::vector<CodeLocationEntry>> read_workspace_yaml(const fs::path& file, const config::Variables& environment) {
  const auto wrong = [&](int line, const std::string& message) {
    return fail(ErrorCode::invalid, file.filename().string() + ":" + std::to_string(line) + ": " + message);
  };
  try {
    return Reader(fs::absolute(file).parent_path(), environment).read(YAML::LoadFile(file.string()));
  } catch (const Wrong& error) {
    return wrong(error.line, error.message);
  } catch (const YAML::BadFile&) {
    return fail(ErrorCode::invalid, "cannot read \"" + file.string() + "\"");
  } catch (const YAML::Exception& error) {
    return wrong(error.mark.line + 1, error.msg);
  }
}

}  // namespace headrace::cli
