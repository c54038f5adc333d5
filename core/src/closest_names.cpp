#include "closest_names.hpp"

#include <algorithm>
#include <numeric>
#include <optional>

#include <core/asset_graph.hpp>

#include "text.hpp"

namespace headrace {
namespace {

/// How many letters must be inserted, left out, replaced or exchanged with their neighbor (each counts 1) to get from a to b.
int edit_distance(std::string_view a, std::string_view b) {
  std::vector<int> before_last(b.size() + 1), last(b.size() + 1), current(b.size() + 1);
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = static_cast<int>(i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const int replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({last[j] + 1, current[j - 1] + 1, replaced});
      const bool exchanged = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (exchanged) current[j] = std::min(current[j], before_last[j - 2] + 1);
    }
    std::swap(before_last, last);
    std::swap(last, current);
  }
  return last[b.size()];
}

/// Lower is more alike, 0 equal but for case; none: nobody means the one who writes the other.
std::optional<int> likeness(std::string_view text, std::string_view candidate) {
  const std::string a = text::lower(text), b = text::lower(candidate);
  if (a == b) return 0;
  const auto [shorter, longer] = std::minmax({a.size(), b.size()});
  const std::size_t allowed = longer <= 2 ? 0 : std::max<std::size_t>(1, longer / 3);
  if (longer - shorter <= allowed) {
    if (const int distance = edit_distance(a, b); distance <= static_cast<int>(allowed)) return distance;
  }
  // The text may be a part of the name ("iris" for "iris_data"): less alike than any misspelling.
  constexpr int k_beyond_misspellings = 1000;
  if (a.size() >= 3 && b.find(a) != std::string::npos) return k_beyond_misspellings + static_cast<int>(longer - shorter);
  return std::nullopt;
}

using Scored = std::pair<int, std::string>;

std::vector<std::string> best_of(std::vector<Scored> found, std::size_t most) {
  std::sort(found.begin(), found.end());
  if (found.size() > most) found.resize(most);
  std::vector<std::string> names;
  for (auto& [score, name] : found) names.push_back(std::move(name));
  return names;
}

}  // namespace

std::vector<std::string> closest_names(std::string_view text, std::span<const std::string> candidates, std::size_t most) {
  std::vector<Scored> found;
  for (const auto& candidate : candidates) {
    if (const auto score = likeness(text, candidate)) found.emplace_back(*score, candidate);
  }
  return best_of(std::move(found), most);
}

std::vector<std::string> closest_keys(std::string_view text, std::span<const NamedKey> candidates, std::size_t most) {
  std::vector<Scored> found;
  for (const auto& candidate : candidates) {
    const auto of_name = likeness(text, candidate.name), of_last_part = likeness(text, candidate.last_part);
    if (of_name && (!of_last_part || *of_name <= *of_last_part + 1))
      found.emplace_back(*of_name, candidate.name);
    else if (of_last_part)
      found.emplace_back(*of_last_part + 1, candidate.name);
  }
  return best_of(std::move(found), most);
}

}  // namespace headrace
