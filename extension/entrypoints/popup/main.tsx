import { Popup } from '../../popup/popup.tsx'
import { mount } from '../../ui/mount.tsx'
import '../../popup/popup.css'

mount(<Popup />, 'popup_page_title')
