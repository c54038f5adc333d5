#include <headrace/value.hpp>

#include <cxxabi.h>

#include <cstdlib>

namespace headrace {
inline namespace sdk {
namespace {

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string type_name(const std::type_info& type) {
  int status = 0;
  std::unique_ptr<char, void (*)(void*)> demangled(abi::__cxa_demangle(type.name(), nullptr, nullptr, &status), std::free);
  std::string name = demangled ? demangled.get() : type.name();
  replace_all(name, "std::__cxx11::basic_string<char, std::char_traits<char>, std::allocator<char> >", "std::string");
  replace_all(name, "headrace::sdk::", "headrace::");
  if (name.starts_with("nlohmann::") && type == typeid(json)) name = "headrace::json";
  for (auto at = name.find(", std::allocator<"); at != std::string::npos; at = name.find(", std::allocator<")) {
    std::size_t end = at + std::string_view(", std::allocator<").size();
    for (int depth = 1; depth > 0 && end < name.size(); ++end) depth += name[end] == '<' ? 1 : name[end] == '>' ? -1 : 0;
    name.erase(at, end - at);
    if (at < name.size() && name[at] == ' ') name.erase(at, 1);
  }
  return name;
}

json Value::to_json() const {
  if (type_ == nullptr) return nullptr;
  if (type_->to_json == nullptr) throw TypeError("a " + type_->name + " has no JSON form");
  return type_->to_json(data_.get());
}

Value Value::as(const Type& wanted) const {
  if (wanted.is_any || (type_ != nullptr && *type_ == wanted)) return *this;
  if (type_ == nullptr || type_->to_json == nullptr || wanted.from_json == nullptr)
    throw TypeError("the value is a " + (type_ ? type_->name : "nothing") + ", not a " + wanted.name);
  return from_json(wanted, to_json());
}

}  // namespace sdk
}  // namespace headrace
