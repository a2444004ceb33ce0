//! The key `call` of an operation, taken apart: a method, a path, and what is constant after it.

use super::model::Method;

/// What the key `call` says.
#[derive(Debug, PartialEq, Eq)]
pub struct RequestLine<'s> {
    pub method: Method,
    pub path: &'s str,
    pub constants: Vec<(&'s str, &'s str)>,
}

impl<'s> RequestLine<'s> {
    /// Reads `METHOD /path?constant=value`.
    ///
    /// # Errors
    /// What is wrong with the text, for the person who wrote it.
    pub fn parse(text: &'s str) -> Result<Self, String> {
        let (method, rest) = text.split_once(' ').ok_or("`call` must be METHOD, a space, and a path")?;
        let method = match method {
            "GET" => Method::Get,
            "POST" => Method::Post,
            "PUT" => Method::Put,
            "PATCH" => Method::Patch,
            "DELETE" => Method::Delete,
            other => return Err(format!("`call` begins with {other}, which is not a method of these APIs")),
        };
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let constants = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').ok_or_else(|| format!("`{pair}` in `call` has no value")))
            .collect::<Result<_, _>>()?;
        Ok(Self { method, path, constants })
    }

    /// The names in braces, in the order of the path.
    #[must_use]
    pub fn placeholders(&self) -> Vec<&'s str> {
        self.path.split('{').skip(1).filter_map(|part| part.split_once('}').map(|(name, _)| name)).collect()
    }
}
