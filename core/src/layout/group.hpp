// One group while it is laid out. Private to core.
#pragma once

#include <vector>

#include <core/layout.hpp>

#include "layered.hpp"

namespace headrace::layout {

struct Group {
  // Room within the box around the cards, and for the name above them.
  static constexpr float k_padding = 24, k_heading = 36;

  std::vector<int> cards;   ///< their positions in `Layout::assets`
  std::vector<Edge> edges;  ///< between its cards, by their position in `cards`
  Ports ports;              ///< cards with edges from and to other groups
  Placement placement;
  bool is_closed = false;

  Size size() const {
    if (is_closed) return {Layout::k_closed_width, Layout::k_closed_height};
    return {placement.width + 2 * k_padding, placement.height + 2 * k_padding + k_heading};
  }
};

}  // namespace headrace::layout
